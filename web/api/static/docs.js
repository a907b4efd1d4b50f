// Shows the OpenAPI document; calls made from the page carry the token that was entered there.
const place = document.getElementById("api");

SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
