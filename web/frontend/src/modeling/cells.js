// What the gate says of a decision table, marked on its rows and cells.
//
// The library draws its cells anew at every touch: the marks are rules of a style sheet object that name rows
// and columns by their ids, and so stay where they belong.

const COLOURS = { refusal: "over", warning: "near", repaired: "paused" };

export function findingsOn(modeler, container) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  function tableOf(decision) {
    const elements = modeler.getDefinitions()?.drgElement ?? [];
    return elements.find((one) => one.id === decision)?.decisionLogic;
  }

  // Where a finding is: ids of rows, and of the column when it names one.
  function place(finding) {
    const table = tableOf(finding.element_id);
    const rows = (finding.rows ?? []).map((number) => table?.rule?.[number - 1]?.id).filter(Boolean);
    const columns = [...(table?.input ?? []), ...(table?.output ?? [])];
    const column = finding.column && columns.find((one) => [one.label, one.name, one.id, one.inputExpression?.text].includes(finding.column));
    return { rows, column: column?.id };
  }

  const within = `.${[...container.classList].map(CSS.escape).join(".")}`;
  function rule({ number, severity, ...finding }) {
    const { rows, column } = place(finding);
    const colour = COLOURS[severity];
    return rows
      .map((row) => {
        const at = `${within} td[data-row-id="${CSS.escape(row)}"]`;
        const cells = column ? `${at}[data-col-id="${CSS.escape(column)}"]` : at;
        return `${cells}{background:var(--${colour}-soft)!important}${cells}{box-shadow:inset 0 2px var(--${colour}),inset 0 -2px var(--${colour})}${at}.rule-index::before{content:"${Number(number)}";display:inline-block;min-width:18px;margin-right:4px;border-radius:9px;background:var(--${colour});color:var(--surface);font-weight:600;text-align:center}`;
      })
      .join("");
  }

  return {
    mark: (findings) => sheet.replaceSync(findings.map(rule).join("")),
    show(finding) {
      const [row] = finding ? place(finding).rows : [];
      const cell = row && container.querySelector(`td[data-row-id="${CSS.escape(row)}"]`);
      (cell ?? container).scrollIntoView({ block: "nearest" });
    },
  };
}
