/** What is written as tables and lists. Texts become text, never elements. */

/** Rows of texts into a table's body: cells that stay are written anew only where they differ. */
export function fillRows(body, rows) {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, k) => {
    const row = body.rows[k] ?? body.insertRow();
    while (row.cells.length < cells.length) row.insertCell();
    cells.forEach((text, j) => {
      write(row.cells[j], text);
    });
  });
}

/** Pairs of name and value into a list; `small` ones are notes. */
export function fillPairs(list, pairs) {
  while (list.children.length > pairs.length) list.lastElementChild.remove();
  pairs.forEach(([name, value, small], k) => {
    let entry = list.children[k];
    if (!entry) {
      entry = document.createElement('div');
      entry.append(document.createElement('dt'), document.createElement('dd'));
      list.append(entry);
    }
    write(entry.firstElementChild, name);
    write(entry.children[1], value);
    if (small === undefined) entry.children[2]?.remove();
    else {
      if (!entry.children[2]) {
        const more = document.createElement('dd');
        more.className = 'small';
        entry.append(more);
      }
      write(entry.children[2], small);
    }
  });
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A whole table of the samples. */
export function sampleTable(names, rows) {
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const name of names) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.append(cell);
  }
  fillRows(table.createTBody(), rows);
  return table;
}
