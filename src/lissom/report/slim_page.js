const total = D.n.length, DIRECTORY = D.kinds.indexOf("directory"), WORDS = D.words;

// Sums over directories: bytes before and after, bytes of before that stay, files before and after.
const before = Float64Array.from(D.b), after = Float64Array.from(D.a);
const stay = new Float64Array(total), was = new Uint32Array(total), is = new Uint32Array(total);
const children = new Array(total), biggest = new Int32Array(total).fill(-1), most = new Float64Array(total).fill(-1);
const biggestOld = new Int32Array(total).fill(-1), mostOld = new Float64Array(total).fill(-1);
for (let i = total - 1; i >= 0; i--) {
  const kept = D.r[i] >= 0;
  if (D.k[i] !== DIRECTORY) {
    if (kept) { stay[i] = D.b[i]; is[i] = 1; }
    if (D.r[i] !== D.fresh && (!kept || D.b[i] > 0 || D.a[i] === 0)) was[i] = 1;
    biggest[i] = biggestOld[i] = D.r[i];
  }
  if (i === 0) break;
  const p = D.p[i];
  before[p] += before[i]; after[p] += after[i]; stay[p] += stay[i]; was[p] += was[i]; is[p] += is[i];
  (children[p] ||= []).push(i);
  if (after[i] > most[p] && biggest[i] >= 0) { most[p] = after[i]; biggest[p] = biggest[i]; }
  if (stay[i] > mostOld[p] && biggestOld[i] >= 0) { mostOld[p] = stay[i]; biggestOld[p] = biggestOld[i]; }
}

const path = (i) => { const parts = []; for (; i > 0; i = D.p[i]) parts.push(D.n[i]); return "/" + parts.reverse().join("/"); };
const because = (i) => D.w[i] >= 0 ? path(D.w[i]) : D.texts[-1 - D.w[i]];
const reason = (i) => D.reasons[D.r[i]].name;

const within = (weight) => (i) =>
  (children[i] || []).filter((child) => weight[child] > 0).sort((a, b) => weight[b] - weight[a]);
function colour(i, old) {
  const share = old && before[i] > 0 ? stay[i] / before[i] : 1;
  if (share < 0.02) return "--fill:var(--gone);color:var(--gone-ink)";
  const full = hue((old ? biggestOld : biggest)[i]);
  return `--fill:${share > 0.9 ? full : `color-mix(in srgb, ${full} ${Math.round(share * 70 + 20)}%, var(--gone))`}`;
}
const model = (weight, old) => ({
  weight: (i) => weight[i], within: within(weight), name: (i) => D.n[i], path, joins: () => true,
  inner: (i) => D.k[i] === DIRECTORY, paint: (i) => colour(i, old),
  tell: (i) => { for (const map of maps) map.mark(i); about(i); },
  enter: (i) => {
    if (D.k[i] !== DIRECTORY) i = D.p[i];
    if (i !== root && (children[i] || []).length) zoom(i);
  },
  leave: () => { if (root > 0) { zoom(D.p[root]); return true; } return false; },
});

let root = 0;
const maps = [new Treemap("map-before", model(before, true)), new Treemap("map-after", model(after, false))];
function zoom(i) {
  root = i;
  for (const map of maps) map.draw(root);
  const crumbs = [];
  for (let at = i; ; at = D.p[at]) {
    const crumb = element("button", at ? D.n[at] : "/", "path");
    crumb.addEventListener("click", () => zoom(at));
    crumbs.unshift(crumb);
    if (!at) break;
    if (D.p[at]) crumbs.unshift("/");
  }
  $("crumbs").replaceChildren(...crumbs);
  $("size-before").textContent = bytes(before[i]); $("size-after").textContent = bytes(after[i]);
  about(i);
}
function toScale(on) {
  const side = on && before[0] > 0 ? Math.min(1, Math.sqrt(after[0] / before[0])) * 100 : 100;
  Object.assign($("map-after").style, { right: "auto", bottom: "auto", width: `${side}%`, height: `${side}%` });
  maps[1].draw(root);
}

function about(i) {
  const box = $("about");
  box.textContent = "";
  const head = element("p");
  head.append(element("span", path(i), "path"), element("span", `  ${bytes(before[i])} → ${bytes(after[i])}`, "mono"));
  box.append(head);
  if (D.k[i] === DIRECTORY) {
    box.append(element("p", `${files(was[i])} ${WORDS.before}, ${files(is[i])} ${WORDS.after}` + (biggest[i] >= 0 && is[i] ? `, most bytes as “${D.reasons[biggest[i]].name}”` : ""), "what"));
  } else box.append(...explained(i));
}
function explained(i) {
  const owner = D.packages[D.g[i]];
  const kind = D.kinds[D.k[i]] === "file" ? "" : ` (${D.kinds[D.k[i]]})`;
  if (D.r[i] < 0) {
    return [element("p", `${WORDS.gone}${kind}: ${because(i) || WORDS.unasked}.` + (owner ? ` It came with ${owner}.` : ""), "what")];
  }
  const chain = element("ol", undefined, "chain"), seen = new Set();
  for (let at = i; at >= 0 && !seen.has(at) && seen.size < 20; at = D.w[at]) {
    seen.add(at);
    const rule = D.reasons[D.r[at]], line = element("li", because(at) ? `${rule.name}: ` : rule.name);
    if (because(at)) line.append(element("span", because(at), "path"));
    if (rule.says) line.append(element("span", "  " + rule.says, "what"));
    chain.append(line);
  }
  return [element("p", `${WORDS.stays}${kind}` + (owner ? `, of ${owner}` : "") + (D.b[i] > D.a[i] ? `, made smaller` : "") + ".", "what"), chain];
}

function row(i) {
  const line = element("li"), name = element("button", path(i), D.r[i] < 0 ? "path gone" : "path");
  const cause = D.r[i] < 0 ? because(i) || D.packages[D.g[i]] : `${reason(i)}${because(i) ? " ← " + because(i) : ""}`;
  line.append(element("span", bytes(D.r[i] < 0 ? D.b[i] : D.a[i]), "num"), name, element("span", cause, "why"));
  name.addEventListener("click", () => {
    const open = line.nextElementSibling;
    if (open?.classList.contains("chainbox")) { open.remove(); return; }
    const box = element("li", undefined, "chainbox"), inner = element("div");
    inner.append(...explained(i)); box.append(element("span", "", "num"), inner); line.after(box);
  });
  return line;
}
function list(box, numbers, limit) {
  box.replaceChildren(...numbers.slice(0, limit).map(row));
  if (numbers.length > limit) {
    const more = element("button", `${(numbers.length - limit).toLocaleString("en")} more`);
    more.addEventListener("click", () => list(box, numbers, limit * 10));
    box.append(more);
  }
}
const weightOf = (i) => D.r[i] < 0 ? D.b[i] : D.a[i];
const heaviest = (numbers) => numbers.sort((a, b) => weightOf(b) - weightOf(a) || a - b);
document.addEventListener("toggle", (event) => {
  const group = event.target;
  if (!group.open || !group.dataset.column || group.querySelector(".rows")) return;
  const column = D[group.dataset.column], wanted = +group.dataset.value, gone = group.dataset.column === "g";
  const numbers = [];
  for (let i = 1; i < total; i++) {
    if (column[i] === wanted && D.k[i] !== DIRECTORY && (!gone || D.r[i] < 0)) numbers.push(i);
  }
  const box = element("ul", undefined, "rows");
  list(box, heaviest(numbers), 60);
  group.append(box);
}, true);

let names = null, shown = "all";
function search() {
  const asked = tests($("search").value);
  $("found").textContent = "";
  if (!asked.length && shown === "all") { $("count").textContent = "Type a part of a path; several words must all be in it, * stands for anything."; return; }
  if (!names) { names = new Array(total); names[0] = ""; for (let i = 1; i < total; i++) names[i] = `${names[D.p[i]]}/${D.n[i].toLowerCase()}`; }
  const numbers = [];
  let sum = 0;
  const wanted = { all: () => true, kept: (i) => D.r[i] >= 0, removed: (i) => D.r[i] < 0, news: (i) => D.r[i] !== 0 }[shown];
  for (let i = 1; i < total; i++) {
    if (D.k[i] === DIRECTORY || !wanted(i)) continue;
    if (asked.every((test) => test(names[i]))) { numbers.push(i); sum += weightOf(i); }
  }
  $("count").textContent = numbers.length ? `${files(numbers.length)}, ${bytes(sum)}` : "No path is like that.";
  list($("found"), heaviest(numbers), 100);
}
$("search").addEventListener("input", later(120, () => { search(); if ($("search").value) $("paths").scrollIntoView({ block: "start" }); }));
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    shown = button.dataset.show;
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
    search();
  });
}
for (const mark of document.querySelectorAll("[data-reason]")) mark.style.setProperty("--fill", hue(+mark.dataset.reason));
$("scale").addEventListener("click", () => {
  const on = $("scale").getAttribute("aria-pressed") !== "true";
  $("scale").setAttribute("aria-pressed", on); toScale(on);
});
addEventListener("resize", later(150, () => zoom(root)));
search(); zoom(0);
