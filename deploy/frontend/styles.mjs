// Rules for the style sheets: the standard set, less what does not fit here.

/** @type {import("stylelint").Config} */
export default {
  extends: "stylelint-config-standard",
  rules: {
    "no-descending-specificity": null, // layers decide between files; within one it follows the page
    "selector-id-pattern": null, // Django writes id_first_name
    "number-max-precision": null, // quarters of a pixel are sixteenths of a rem
    "property-no-vendor-prefix": [true, { ignoreProperties: ["text-size-adjust"] }], // iOS
    "rule-empty-line-before": ["always-multi-line", { except: ["first-nested"], ignore: ["after-comment"] }],
    "at-rule-empty-line-before": null,
  },
  overrides: [
    // Django's admin names its classes after fields of models.
    { files: ["**/admin.css"], rules: { "selector-class-pattern": null } },
  ],
};
