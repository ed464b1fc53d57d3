// Page script of the API documentation: Swagger UI draws the OpenAPI document. Requests tried out
// on the page use the reader's own session.

import { csrfToken } from "./api.js";

const container = document.getElementById("api");

function withCsrfToken(request) {
  if (new URL(request.url, location.href).origin === location.origin) {
    request.headers["X-CSRFToken"] = csrfToken();
  }
  return request;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

// Swagger UI has a dark mode of its own, set by this class.
function applyColourScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

applyColourScheme();
dark.addEventListener("change", applyColourScheme);

window.SwaggerUIBundle({
  url: container.dataset.schema,
  domNode: container,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});
