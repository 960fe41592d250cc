/* Tables that can be sorted, searched and, where long, unfolded. */

const FIRST_ROWS = 25;

function sortTable(table, column, head) {
  const body = table.tBodies[0], up = head.getAttribute("aria-sort") !== "ascending";
  const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
  const numeric = (words) => words !== "" && !Number.isNaN(Number(words));
  const compare = (a, b) => {
    const [p, q] = [key(a), key(b)];
    if (numeric(p) && numeric(q)) return (Number(p) - Number(q)) * (up ? 1 : -1);
    if (numeric(p) !== numeric(q) && (p === "" || q === "")) return p === "" ? 1 : -1; // unknown times last
    return p.localeCompare(q) * (up ? 1 : -1);
  };
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  body.append(...[...body.rows].sort(compare));
}

function setUpTable(table) {
  const state = { words: "", all: false }, rows = () => [...table.tBodies[0].rows];
  const many = rows().length > FIRST_ROWS + 5;
  const search = table.closest("section").querySelector(`input[data-table="${table.classList[0]}"]`);
  const more = document.createElement("button");
  const refresh = () => {
    let found = 0;
    for (const row of rows()) {
      const hit = !state.words || row.textContent.toLowerCase().includes(state.words);
      found += hit;
      row.hidden = !hit || (many && !state.all && found > FIRST_ROWS);
    }
    more.hidden = state.all || !many || found <= FIRST_ROWS;
    more.textContent = `Show all ${found.toLocaleString("en")} rows`;
    if (search) search.parentElement.querySelector("output").textContent = `${found.toLocaleString("en")} ${found === 1 ? "row" : "rows"}`;
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => { sortTable(table, column, head); refresh(); });
    head.replaceChildren(button);
  });
  more.type = "button"; more.className = "more no-print";
  more.addEventListener("click", () => { state.all = true; refresh(); });
  table.parentElement.after(more);
  if (search) {
    search.parentElement.hidden = false;
    search.addEventListener("input", () => { state.words = search.value.trim().toLowerCase(); refresh(); });
  }
  refresh();
}
