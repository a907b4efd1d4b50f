// Shows the buttons that print the page: without a script they could do nothing.

const ready = (root) => {
  for (const button of root.querySelectorAll("[data-print]")) button.hidden = false;
};

export function offerPrinting() {
  ready(document);
  new MutationObserver(() => ready(document)).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });
}
