// "Verify this": checks a person's bundle of the log where she reads it, with nothing but her browser.
//
// RFC 9162 section 2.1 for the tree, C2SP signed-note and tlog-checkpoint for what is signed, Ed25519 by WebCrypto
// (RFC 8032). The same steps as `python -m audit.verify`, in the same order; `audit.bundle` describes the format.
// Words stand in the page, in the reader's language; here they are only shown.

const MAGIC = "cdp bundle 1\n";
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BYTES = new TextEncoder();

// What does not hold: `step` is where it was seen, one of the steps in the page.
class NotVerified extends Error {
  constructor(step) {
    super(step);
    this.step = step;
  }
}

function demand(holds, step) {
  if (!holds) throw new NotVerified(step);
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, two) => one.length === two.length && one.every((byte, index) => byte === two[index]);

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

function base64(text, step) {
  demand(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text), step);
  let data = "";
  try {
    data = atob(text);
  } catch {
    throw new NotVerified(step);
  }
  demand(btoa(data) === text, step); // bits behind the padding would make two texts of one
  return Uint8Array.from(data, (char) => char.charCodeAt(0));
}

function number(value, step) {
  demand(Number.isSafeInteger(value) && value >= 0, step);
  return value;
}

// There is one spelling of what a line says: sorted keys, no spaces.
function spelled(value) {
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${spelled(value[key])}`).join(",")}}`;
}

class Lines {
  constructor(data) {
    demand(same(data.subarray(0, MAGIC.length), BYTES.encode(MAGIC)), "file");
    this.data = data;
    this.at = MAGIC.length;
  }

  get done() {
    return this.at === this.data.length;
  }

  peek() {
    const space = this.data.indexOf(0x20, this.at);
    demand(space > this.at, "file");
    return TEXT.decode(this.data.subarray(this.at, space));
  }

  take(word, ...keys) {
    demand(!this.done && this.peek() === word, "file");
    const end = this.data.indexOf(0x0a, this.at);
    demand(end > 0, "file");
    const raw = this.data.subarray(this.at + word.length + 1, end);
    let value;
    try {
      const text = TEXT.decode(raw);
      value = JSON.parse(text);
      demand(spelled(value) === text, "file");
    } catch {
      throw new NotVerified("file");
    }
    demand(!keys.length || (value !== null && typeof value === "object" && spelled(Object.keys(value).sort()) === spelled(keys)), "file");
    this.at = end + 1;
    return { raw, value };
  }
}

// Signed notes

async function keyOf(text) {
  const [, name, id, encoded] = VKEY.exec(text) ?? [];
  demand(name, "key");
  const data = base64(encoded, "key");
  demand(data.length === 33 && data[0] === 1 && hex(await keyId(name, data.subarray(1))) === id, "key");
  const imported = await crypto.subtle.importKey("raw", data.slice(1), { name: "Ed25519" }, false, ["verify"]);
  return { name, public: data.slice(1), imported };
}

const VKEY = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/;

const keyId = async (name, data) => (await sha256(BYTES.encode(`${name}\n`), Uint8Array.of(1), data)).subarray(0, 4);

// The text of a note that the key signed under a name; other signatures are passed over.
async function signed(note, key, name, step) {
  demand(typeof note === "string" && !/[\0-\x09\x0b-\x1f]/.test(note), step);
  const cut = note.lastIndexOf("\n\n");
  demand(cut > 0 && note.endsWith("\n"), step);
  const text = note.slice(0, cut + 1);
  const id = await keyId(name, key.public);
  const lines = note.slice(cut + 2, -1).split("\n");
  let mine = 0;
  for (const line of lines) {
    const found = /^— (\S+) (\S+)$/.exec(line);
    demand(found, step);
    const data = base64(found[2], step);
    if (found[1] !== name || !same(data.subarray(0, 4), id)) continue;
    demand(await crypto.subtle.verify({ name: "Ed25519" }, key.imported, data.slice(4), BYTES.encode(text)), step);
    mine += 1;
  }
  demand(mine > 0, step);
  return { text, signatures: lines.length };
}

function checkpointOf(text, step) {
  const [origin, size, root, ...rest] = text.split("\n");
  demand(origin && /^(0|[1-9][0-9]{0,15})$/.test(size) && rest.pop() === "" && rest.every(Boolean), step);
  const hash = base64(root, step);
  demand(hash.length === 32, step);
  return { origin, size: number(Number(size), step), root: hash };
}

async function earlier(note, key, step) {
  demand(typeof note === "string", step);
  const origin = note.split("\n", 1)[0]; // its name may have changed since; its key may not
  return checkpointOf((await signed(note, key, origin, step)).text, step);
}

// The tree (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Sizes may pass 32 bits, so that there are no shifts.

const half = (value) => Math.floor(value / 2);
const node = (left, right) => sha256(Uint8Array.of(1), left, right);

async function included(index, size, leaf, path, root) {
  if (index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const each of path) {
    if (last === 0) return false;
    if (place % 2 || place === last) {
      hash = await node(each, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = await node(hash, each);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && same(hash, root);
}

async function consistent(old, now, proof) {
  if (old.size > now.size) return false;
  if (old.size === now.size) return !proof.length && same(old.root, now.root);
  if (old.size === 0) return !proof.length && same(old.root, await sha256());
  const path = [...proof];
  let [place, last] = [old.size - 1, now.size - 1];
  while (place % 2) [place, last] = [half(place), half(last)];
  const first = place === 0 ? old.root : path.shift(); // the old tree is a whole part of the new one
  if (first === undefined) return false;
  let [before, after] = [first, first];
  for (const each of path) {
    if (last === 0) return false;
    if (place % 2 || place === last) {
      before = await node(each, before);
      after = await node(each, after);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      after = await node(after, each);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && same(before, old.root) && same(after, now.root);
}

function hashes(value, step) {
  demand(Array.isArray(value) && value.length <= 63, step);
  return value.map((each) => base64(each, step));
}

// What an entry commits to (`audit.commitments`)

function eight(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

// How a roaring bitmap of one member begins, which then follows in two bytes (RoaringFormatSpec).
const ONE_MEMBER = [0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0];

async function alone({ block, member, salt }, body) {
  const outer = BYTES.encode("cdp/subjects/1");
  demand(number(member, "alone") < 2 ** 16 && body.customers === 1, "alone");
  const set = Uint8Array.of(...ONE_MEMBER, member & 0xff, member >> 8);
  const place = eight(number(block, "alone"));
  const inner = await sha256(outer, base64(salt, "alone"), place, set);
  demand(hex(await sha256(outer, place, inner)) === body.subjects, "alone");
}

async function reason({ salt, text }, body) {
  demand(typeof text === "string", "reason");
  const made = await sha256(BYTES.encode("cdp/reason/1"), base64(salt, "reason"), BYTES.encode(text));
  demand(hex(made) === body.reason, "reason");
}

// Check a bundle from its first byte to its last.
export async function verify(data, remembered = null) {
  const lines = new Lines(data);
  const scope = lines.take("scope", "about", "end", "first", "made_at").value;
  demand(scope.about === "customer", "file");
  const vkey = lines.take("key").value;
  demand(typeof vkey === "string", "key");
  const key = await keyOf(vkey);
  const note = lines.take("checkpoint").value;
  const now = checkpointOf((await signed(note, key, key.name, "signed")).text, "signed");
  demand(now.origin === key.name && number(scope.end, "file") <= now.size && number(scope.first, "file") <= scope.end, "signed");
  const report = { vkey, note, origin: now.origin, size: now.size, made: scope.made_at, history: 0, again: "first", entries: [], alone: 0, reasons: 0 };
  const known = await recalled(remembered, key, now, report);
  while (lines.peek() === "old") {
    const { hashes: proof, note: before } = lines.take("old", "hashes", "note").value;
    const old = await earlier(before, key, "history");
    demand(await consistent(old, now, hashes(proof, "history")), "history");
    if (known && known.size === old.size) {
      demand(same(known.root, old.root), "history");
      report.again = "same";
    }
    report.history += 1;
  }
  let before = -1;
  while (lines.peek() === "entry") {
    const { raw, value: body } = lines.take("entry");
    const { hashes: path, number: at } = lines.take("path", "hashes", "number").value;
    demand(number(at, "entries") > before && at >= scope.first && at < scope.end && body?.format === 1, "entries");
    demand(await included(at, now.size, await sha256(Uint8Array.of(0), raw), hashes(path, "entries"), now.root), "entries");
    before = at;
    report.entries.push({ number: at, body });
    if (lines.peek() === "alone") {
      await alone(lines.take("alone", "block", "member", "salt").value, body);
      report.alone += 1;
    }
    if (lines.peek() === "reason") {
      await reason(lines.take("reason", "salt", "text").value, body);
      report.reasons += 1;
    }
  }
  const digest = hex(await sha256(data.subarray(0, lines.at)));
  const seal = await signed(lines.take("seal").value, key, key.name, "seal");
  demand(seal.text === `cdp bundle seal 1\nsha256 ${digest}\n` && seal.signatures === 1 && lines.done, "seal");
  return report;
}

// What this browser was told the last time, if it was by the same key, and is not more than there is now.
async function recalled(remembered, key, now, report) {
  if (!remembered) return null;
  demand(VKEY.exec(remembered.vkey)?.[3] === VKEY.exec(report.vkey)[3], "key");
  const known = await earlier(remembered.note, key, "history");
  demand(known.size <= now.size, "history");
  report.again = "unproven";
  if (known.size === now.size) {
    demand(same(known.root, now.root), "history");
    report.again = "same";
  }
  return known;
}

// The page: its words are there already, and are only shown.

const section = document.querySelector("[data-verify]");
const REMEMBERED = "cdp-log";

function recall() {
  try {
    const said = JSON.parse(localStorage.getItem(REMEMBERED));
    return typeof said?.vkey === "string" && typeof said?.note === "string" ? said : null;
  } catch {
    return null;
  }
}

async function fetched(remembered) {
  const form = new URLSearchParams({ form_token: section.querySelector("[name=form_token]").value });
  if (remembered) form.set("checkpoint", remembered.note);
  const answer = await fetch(section.dataset.verify, { method: "POST", body: form });
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
}

async function knowsEd25519() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch (error) {
    return error.name === "DataError"; // it knows the algorithm, and does not like the key
  }
}

function show(name, values = {}) {
  for (const part of section.querySelectorAll(`[data-say="${name}"]`)) {
    part.hidden = false;
    for (const [key, value] of Object.entries(values)) {
      for (const place of part.querySelectorAll(`[data-value="${key}"]`)) place.textContent = value;
    }
  }
}

function hideAll() {
  for (const part of section.querySelectorAll("[data-say]")) part.hidden = true;
}

function list(entries) {
  const rows = section.querySelector("[data-entries]");
  rows.replaceChildren();
  for (const { number: at, body } of entries.slice(-100).reverse()) {
    const row = document.createElement("tr");
    for (const text of [at, String(body.at).slice(0, 19).replace("T", " "), body.act, body.role || body.principal, body.view ?? ""]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    rows.append(row);
  }
}

async function check() {
  hideAll();
  if (!(await knowsEd25519())) return show("fallback");
  show("busy");
  const remembered = recall();
  try {
    const data = (await fetched(remembered)) ?? (remembered && (await fetched(null)));
    if (!data) throw new NotVerified("unreachable");
    const report = await verify(data, remembered);
    localStorage.setItem(REMEMBERED, JSON.stringify({ vkey: report.vkey, note: report.note }));
    hideAll();
    show("holds", { ...report, entries: report.entries.length });
    show(`again-${report.again}`);
    if (report.alone) show("alone", report);
    if (report.reasons) show("reasons", report);
    show("not", report);
    list(report.entries);
  } catch (error) {
    hideAll();
    const step = error instanceof NotVerified ? error.step : "unreachable";
    if (step !== "unreachable") show("broken");
    show(`broken-${step}`);
  }
}

if (section) {
  const button = section.querySelector("[data-start]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await check();
    button.disabled = false;
  });
}
