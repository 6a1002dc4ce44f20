// Draws /status.json and reads it again every two seconds. Text only ever becomes text, never markup.
"use strict";

const EVERY_MS = 2000, STALE_MS = 10000;
const $ = (id) => document.getElementById(id);
const count = new Intl.NumberFormat("zh-CN");
const drawn = {}, opened = new Set();
let zone = "Asia/Shanghai", readAt = 0;

function el(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const clock = (at, options) => new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour12: false, ...options }).format(new Date(at));
const day = (at) => clock(at, { year: "numeric", month: "2-digit", day: "2-digit" });
function moment(at, now) {
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  if (day(at) === day(now)) return clock(at, time);
  const sameYear = clock(at, { year: "numeric" }) === clock(now, { year: "numeric" });
  return clock(at, { month: "2-digit", day: "2-digit", ...time, ...(sameYear ? {} : { year: "numeric" }) });
}
function distance(at, now) {
  const s = Math.round((new Date(at) - new Date(now)) / 1000), far = Math.abs(s);
  const text = far < 60 ? `${far} 秒` : far < 3600 ? `${Math.round(far / 60)} 分钟` : far < 172800 ? `${Math.round(far / 3600)} 小时` : `${Math.round(far / 86400)} 天`;
  return s > 0 ? `${text}后` : far < 2 ? "刚刚" : `${text}前`;
}
const when = (at, now, none) => (at ? `${moment(at, now)}（${distance(at, now)}）` : none);

const pill = (state) => el("span", `pill ${state.tone}`, state.text);
function figure(label, value, mark) {
  const term = el("dt", "", mark ? el("i", `dot ${mark}`) : null, label);
  return el("div", "", term, el("dd", value ? "" : "zero", count.format(value)));
}
function figures(rows, className = "") {
  return el("dl", `figures ${className}`, ...rows.map((row) => (typeof row === "string" ? el("span", "sign", row) : figure(...row))));
}
function bar(parts) {
  const line = el("div", "bar");
  for (const [mark, value, label] of parts) {
    if (!value) continue;
    const part = el("i", mark);
    part.style.flexGrow = value;
    part.title = `${label} ${count.format(value)}`;
    line.append(part);
  }
  return line;
}
function facts(rows) {
  const list = el("dl", "facts");
  for (const [term, fact] of rows) if (fact) list.append(el("dt", "", term), el("dd", "", fact));
  return list;
}
function failure(error, now) {
  return error ? el("p", "error", `${when(error.at, now)}：${error.what}`) : null;
}
function fold(key, label, body) {
  const box = el("details", "", el("summary", "", label), body);
  box.open = opened.has(key);
  box.addEventListener("toggle", () => (box.open ? opened.add(key) : opened.delete(key)));
  return box;
}
function table(className, heads, rows) {
  const head = el("tr", "", ...heads.map(([label, cls]) => el("th", cls, label)));
  return el("div", "scroll", el("table", className, el("thead", "", head), el("tbody", "", ...rows)));
}
const number = (value, tone = "") => el("td", `num ${value ? tone : "zero"}`, count.format(value));
function empty(title, ...rest) {
  return el("div", "empty", el("strong", "", title), ...rest);
}

function foundBar(f) {
  return bar([["accepted", f.accepted, "接受"], ["unchanged", f.unchanged, "未变"], ["held", f.held, "待定"], ["rejected", f.rejected, "退回"], ["unjudged", f.unjudged, "未判"]]);
}

function ledger(s) {
  const f = s.found;
  const rows = [["发现", f.found], "=", ["接受", f.accepted, "accepted"], "+", ["未变", f.unchanged, "unchanged"], "+", ["退回", f.rejected, "rejected"], "+", ["待定", f.held, "held"]];
  const broken = (name) => s.equations.broken.filter((b) => b.equation === name);
  const verdict = (label, name) => {
    if (!s.equations.checked) return el("span", "", label, el("b", "dim", "还没有核对"));
    const wrong = broken(name).length;
    return el("span", "", label, el("b", wrong ? "no" : "yes", wrong ? `✕ 有 ${wrong} 处不平` : "✓ 平"));
  };
  const notes = el("div", "verdict", verdict("发现 = 接受 + 未变 + 退回 + 待定", "found"), verdict("应送 = 已确认 + 被拒 + 被取代 + 放弃 + 在途", "owed"),
    f.unjudged ? el("span", "dim", el("i", "dot unjudged"), `另有 ${count.format(f.unjudged)} 条已落库，正在等待判定`) : null,
    s.look_alikes ? el("span", "dim", `疑似重复登记 ${count.format(s.look_alikes)} 对，等人看：lianwang look-alikes`) : null,
    s.unattributed ? el("span", "dim", `归属未定 ${count.format(s.unattributed)} 条（名册不认识的编码 ${count.format(s.unknown_owners)} 个）：lianwang roster unknown`) : null);
  const wrong = s.equations.broken.map((b) => el("p", "error", `${b.equation === "found" ? "文档" : "目的地"} ${b.of} · ${b.kind}：左边 ${count.format(b.left)}，右边 ${count.format(b.right)}。请运行 lianwang audit --deep 查明原因。`));
  return [figures(rows, "big"), foundBar(f), notes, ...wrong];
}

function work(s) {
  return [el("div", "work card", ...s.progress.map((p) => {
    const known = p.total !== null && p.total > 0;
    const done = known ? Math.min(1, p.done / p.total) : 0;
    const amount = known ? `${count.format(p.done)} / ${count.format(p.total)}（${Math.floor(done * 100)}%）` : `${count.format(p.done)} 条`;
    const fill = el("i"), line = el("div", known ? "bar" : "bar unknown", fill);
    if (known) fill.style.width = `${done * 100}%`;
    line.setAttribute("role", "progressbar");
    line.setAttribute("aria-label", p.what);
    if (known) line.setAttribute("aria-valuenow", Math.floor(done * 100));
    return el("div", "", el("div", "line", p.what, el("span", "dim", amount)), line);
  }))];
}

function source(one, state, s) {
  const f = one.found;
  const services = one.services.map((v) => el("tr", "", el("td", "", v.title || v.name), el("td", "dim", v.kind || "没有映射"), el("td", "dim", v.cursor || "还没有读过"), number(v.found)));
  return el("article", "card",
    el("div", "head", el("div", "", el("h3", "", one.title || one.name), one.title ? el("p", "dim mono", one.name) : null), pill(state)),
    figures([["发现", f.found], ["接受", f.accepted, "accepted"], ["未变", f.unchanged, "unchanged"], ["退回", f.rejected, "rejected"], ["待定", f.held, "held"]]),
    foundBar(f),
    facts([["上次读取", when(one.last_run, s.now, "还没有")], ["下次读取", when(one.next_run, s.now, "没有计划，用 lianwang pull 读取")]]),
    failure(one.last_error, s.now),
    services.length ? fold(`source ${one.name}`, `${services.length} 个服务，读到哪里`, table("", [["服务"], ["对象"], ["读到"], ["发现", "num"]], services)) : null);
}

function kindRow(k) {
  return el("tr", "", el("td", "nowrap", k.label || k.kind), number(k.owed), number(k.confirmed), number(k.sent), number(k.due), number(k.waiting, "hold"), number(k.refused, "warn"), number(k.superseded + k.abandoned), number(k.excluded));
}

function destination(one, state, s) {
  const t = one.total, gone = t.superseded + t.abandoned;
  const heads = [["对象"], ...["应送", "已确认", "在途", "待发", "等上级", "被拒", "取代或放弃", "范围外"].map((label) => [label, "num"])];
  return el("article", "card",
    el("div", "head", el("div", "", el("h3", "", one.title || one.name), one.title ? el("p", "dim mono", one.name) : null), pill(state)),
    figures([["应送", t.owed], ["已确认", t.confirmed, "confirmed"], ["在途", t.sent, "sent"], ["待发", t.due, "due"], ["等上级记录", t.waiting, "waiting"], ["被拒", t.refused, "refused"], ["取代或放弃", gone, "gone"]]),
    bar([["confirmed", t.confirmed, "已确认"], ["sent", t.sent, "在途"], ["due", t.due, "待发"], ["waiting", t.waiting, "等上级记录"], ["refused", t.refused, "被拒"], ["gone", gone, "取代或放弃"]]),
    facts([["上次确认", when(one.last_confirmed, s.now, "还没有")], ["下次尝试", one.next_attempt ? when(one.next_attempt, s.now) : ""], ["结果未知", one.unknown_batches ? `${one.unknown_batches} 批可能已经送到，会原样再送` : ""]]),
    failure(one.last_error, s.now),
    one.kinds.length ? fold(`destination ${one.name}`, `按 ${one.kinds.length} 种对象分列`, table("", heads, one.kinds.map(kindRow))) : null);
}

const LEVELS = { reject: { tone: "bad", text: "退回" }, hold: { tone: "attention", text: "待定" }, warn: { tone: "quiet", text: "提醒" } };
// The field in bold: at the head of the message where it stands there, else before it.
function told(i) {
  if (!i.field) return [i.message];
  const heads = i.message.startsWith(i.field);
  return [el("b", "", heads ? i.field : `${i.field}：`), heads ? i.message.slice(i.field.length) : i.message];
}
function issue(i, s) {
  return el("tr", "",
    el("td", "nowrap", moment(i.at, s.now)),
    el("td", "", pill(LEVELS[i.level] || { tone: "quiet", text: i.level })),
    el("td", "", i.kind, el("div", "dim mono", i.id ? i.id.slice(0, 12) + (i.id.length > 12 ? "…" : "") : "没有主键")),
    el("td", "", ...told(i), i.value.trim() ? el("span", "", " ", el("span", "value mono", i.value)) : null, i.advice ? el("div", "advice", i.advice) : null),
    el("td", "dim", i.source, el("div", "mono", i.service)));
}

const draw = {
  ledger: (s) => (s.sources.length || s.found.found ? ledger(s) : [empty("还没有数据", "配置一个来源后，记录会在这里一条一条入账。想先看看样子：", el("code", "", "lianwang demo"))]),
  progress: work,
  sources: (s) => (s.sources.length ? s.sources.map((one, i) => source(one, s.source_states[i], s)) : [el("div", "card empty", el("strong", "", "还没有来源"), "在配置目录里加 ", el("code", "", "sources/<名称>/source.toml"), "，用 ", el("code", "", "lianwang check"), " 检查后重新启动。")]),
  destinations: (s) => (s.destinations.length ? s.destinations.map((one, i) => destination(one, s.destination_states[i], s)) : [el("div", "card empty", el("strong", "", "还没有目的地"), "在配置目录里加 ", el("code", "", "destinations/<名称>/destination.toml"), "；已接受的记录会留着，等目的地配好后再送。")]),
  issues: (s) => (s.issues.length ? [table("issues", [["时间"], ["结论"], ["记录"], ["问题与办法"], ["来源"]], s.issues.map((i) => issue(i, s)))] : [empty("没有数据问题", s.found.found ? "读到的记录都符合规则。" : "读到记录以后，不合规则的会列在这里，并写明怎么改。")]),
  foot: (s) => [el("span", "", `节点 ${s.node}`), el("span", "", `版本 ${s.version}`), el("span", "", s.revision ? `配置 ${s.revision.slice(0, 12)}` : "没有生效的配置"), el("span", "", `时区 ${s.zone}`), link("/status.json", "全部数字"), link("/metrics", "监控指标")],
};
function link(to, label) {
  const a = el("a", "", label);
  a.href = to;
  return a;
}

function show(s) {
  zone = s.zone || zone;
  for (const [id, part] of Object.entries(draw)) {
    const fresh = el("div", "", ...part(s));
    if (drawn[id] === fresh.innerHTML) continue;
    drawn[id] = fresh.innerHTML;
    $(id).replaceChildren(...fresh.childNodes);
  }
  $("progress").hidden = !s.progress.length;
  $("headline").className = `pill ${s.headline.tone}`;
  $("headline").textContent = s.headline.text;
  $("about").textContent = `双重预防机制数据交换 · ${s.node}`;
  document.title = `${s.headline.text} · 联网`;
  $("updated").textContent = `${clock(s.now, { hour: "2-digit", minute: "2-digit", second: "2-digit" })} 更新`;
}

function complain(text) {
  $("alert").hidden = !text;
  if (text) $("alert").textContent = text;
  document.body.classList.toggle("stale", Boolean(text) && Date.now() - readAt > STALE_MS);
}

async function read() {
  try {
    const answer = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(STALE_MS) });
    const body = await answer.json();
    if (!answer.ok) return complain(`${body.error || `服务回答 ${answer.status}`}。页面上是上一次读到的数字。`);
    show(body);
    readAt = Date.now();
    complain("");
  } catch (error) {
    complain(`联系不上服务（${error.name === "TypeError" ? "连接断开" : error.message}）。页面上是上一次读到的数字，恢复后自动更新。`);
  }
}

async function keepReading() {
  if (!document.hidden) await read();
  setTimeout(keepReading, EVERY_MS);
}
document.addEventListener("visibilitychange", () => document.hidden || read());
keepReading();
