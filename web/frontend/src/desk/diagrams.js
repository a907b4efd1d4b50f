// Brings the code that draws diagrams only where there is one: it weighs more than all the rest.

const here = document.currentScript?.src;
const beside = (name) => here.replace(/desk\.js/, name);
let brought = false;

function bring() {
  if (brought || !here || !document.querySelector("[data-diagram]")) return;
  brought = true;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = beside("diagram.css");
  // what is drawn is measured: its rules must be there first
  style.addEventListener("load", () => {
    const code = document.createElement("script");
    code.src = beside("diagram.js");
    document.body.append(code);
  });
  document.head.append(style);
}

export function drawDiagrams() {
  bring();
  document.addEventListener("desk:arrived", bring);
}
