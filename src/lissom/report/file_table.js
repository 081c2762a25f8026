// A table of very many rows, of which only those in sight are made. ``columns``: {name, title, cell(i), order(a, b)}.
class FileTable {
  static ROW = 28;
  constructor(head, box, columns, choose) {
    this.box = box; this.columns = columns; this.choose = choose; this.rows = []; this.at = -1; this.sorted = columns[0]; this.turned = false;
    this.space = element("div", undefined, "space"); this.sight = element("div", undefined, "sight");
    box.append(this.space, this.sight);
    this.heads = columns.map((column) => {
      const button = element("button", column.title, column.name);
      button.addEventListener("click", () => this.sort(column));
      head.append(button);
      return button;
    });
    box.addEventListener("scroll", () => this.draw());
    box.addEventListener("click", (event) => { const row = event.target.closest("[data-row]"); if (row) this.select(+row.dataset.row); });
    box.addEventListener("keydown", (event) => this.key(event));
  }
  show(rows) {
    this.rows = rows; this.at = -1;
    this.order();
  }
  sort(column) {
    this.turned = column === this.sorted ? !this.turned : false;
    this.sorted = column;
    this.order();
  }
  order() {
    const sign = this.turned ? -1 : 1, { order } = this.sorted;
    this.rows.sort((a, b) => sign * order(a, b) || a - b);
    this.heads.forEach((head, k) => {
      const here = this.columns[k] === this.sorted;
      head.setAttribute("aria-pressed", here); head.dataset.turned = here && this.turned;
    });
    const height = this.rows.length * FileTable.ROW;
    this.space.style.height = `${height}px`; this.box.style.height = `${Math.max(84, Math.min(504, height + 1))}px`;
    this.box.scrollTop = 0; this.at = -1;
    this.draw();
  }
  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / FileTable.ROW) - 5);
    const last = Math.min(this.rows.length, first + Math.ceil(this.box.clientHeight / FileTable.ROW) + 10);
    this.sight.style.transform = `translateY(${first * FileTable.ROW}px)`;
    const lines = [];
    for (let k = first; k < last; k++) {
      const line = element("div", undefined, "line");
      line.dataset.row = k; line.setAttribute("role", "option"); line.id = `row-${k}`;
      line.setAttribute("aria-selected", k === this.at);
      for (const column of this.columns) line.append(column.cell(this.rows[k]));
      lines.push(line);
    }
    this.sight.replaceChildren(...lines);
  }
  select(k) {
    if (!this.rows.length) return;
    this.at = Math.max(0, Math.min(this.rows.length - 1, k));
    const top = this.at * FileTable.ROW, { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + FileTable.ROW > scrollTop + clientHeight) this.box.scrollTop = top + FileTable.ROW - clientHeight;
    this.draw();
    this.box.setAttribute("aria-activedescendant", `row-${this.at}`);
    this.choose(this.rows[this.at]);
  }
  key(event) {
    const page = Math.floor(this.box.clientHeight / FileTable.ROW) - 1;
    const to = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, PageDown: this.at + page, PageUp: this.at - page, Home: 0, End: this.rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.select(to);
  }
}
