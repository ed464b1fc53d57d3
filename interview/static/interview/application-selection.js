// Page script of the list of applications: selects rows.

import { bindRowSelection } from "../project/row-selection.js";

const form = document.getElementById("choose");
if (form) bindRowSelection(form, "application");
