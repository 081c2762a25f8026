const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const bytes = (count) => {
  const units = ["B", "kB", "MB", "GB", "TB"]; let unit = 0;
  while (Math.abs(count) >= 999.5 && unit < 4) { count /= 1000; unit++; }
  return `${+count.toPrecision(3)} ${units[unit]}`;
};
const files = (count) => `${count.toLocaleString("en")} ${count === 1 ? "file" : "files"}`;
const element = (tag, text, name) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
};
const HUES = [160, 212, 34, 278, 346, 92, 188, 18, 244, 312];
const hue = (number) => D.colours?.[number] ?? (number >= 0 && number < HUES.length
  ? `hsl(${HUES[number]} var(--fill-s) var(--fill-l))` : "hsl(55 20% var(--fill-l))");

// Words, all of which a path must hold; * and ? match as in a shell. Paths and words are in small letters.
function tests(text) {
  return text.trim().toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
    if (!/[*?]/.test(word)) return (path) => path.includes(word);
    const pattern = new RegExp(word.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, "."));
    return (path) => pattern.test(path);
  });
}
const later = (milliseconds, act) => { let waiting = 0; return () => { clearTimeout(waiting); waiting = setTimeout(act, milliseconds); }; };
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) { event.preventDefault(); $("search").focus(); }
});
