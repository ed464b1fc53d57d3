// Page script of the list of candidates: selects rows.

import { bindRowSelection } from "../project/row-selection.js";

const form = document.getElementById("apply");
if (form) bindRowSelection(form, "candidates");
