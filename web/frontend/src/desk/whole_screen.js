// A diagram of thirty shapes wants more room than a tab has.

function offer(root) {
  if (!document.fullscreenEnabled) return;
  for (const button of root.querySelectorAll("[data-whole-screen]")) button.hidden = false;
}

export function offerWholeScreen() {
  offer(document);
  document.addEventListener("desk:arrived", (event) => offer(event.target));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-whole-screen]");
    button?.closest("section").querySelector(".drawing")?.requestFullscreen();
  });
}
