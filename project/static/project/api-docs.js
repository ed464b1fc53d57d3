// Page script of the API documentation: Swagger UI draws the OpenAPI document. Requests tried out
// on the page use the reader's own session.

const place = document.getElementById("api");

function secret() {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? found[1] : "";
}

function withSecret(request) {
  if (new URL(request.url, location.href).origin === location.origin) {
    request.headers["X-CSRFToken"] = secret();
  }
  return request;
}

const dark = matchMedia("(prefers-color-scheme: dark)");

// Swagger UI has a dark mode of its own, set by this class.
function colour() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

colour();
dark.addEventListener("change", colour);

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  requestInterceptor: withSecret,
});
