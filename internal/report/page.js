"use strict";
(function () {
  var root = document.documentElement, step = 200;
  document.getElementById("theme").addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  var data = JSON.parse(document.getElementById("data").textContent);
  var rank = ["critical", "high", "medium", "low", "negligible", "unknown"];
  var compare = new Intl.Collator(undefined, { numeric: true }).compare;
  function make(parent, tag, name, text) {
    var e = document.createElement(tag);
    if (name) e.className = name;
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }
  function link(parent, address) {
    var a = make(parent, "a", "", address);
    a.href = address;
    a.rel = "noopener noreferrer";
    a.target = "_blank";
  }
  // What a click on a finding opens, in a row of its own.
  function details(tr, r, word) {
    var row = document.createElement("tr"), td = make(row, "td", "more"), dl = make(td, "dl");
    td.colSpan = tr.cells.length;
    r.d.forEach(function (d) {
      make(dl, "dt", "", d[0]);
      make(dl, "dd", "", d[1]);
    });
    (r.g || []).forEach(function (g) {
      make(dl, "dt", "", g.h);
      var edit = make(dl, "dd"), pre = make(edit, "pre", "edit");
      g.l.forEach(function (d) { make(pre, d.m === "-" ? "del" : "ins", "", d.m + " " + d.t); });
      if (g.n) make(edit, "span", "note", g.n);
    });
    if (r.u) {
      make(dl, "dt", "", word);
      var dd = make(dl, "dd");
      r.u.forEach(function (u) { link(make(dd, "div"), u); });
    }
    tr.parentNode.insertBefore(row, tr.nextSibling);
  }
  function finding(tr, r, word) {
    make(tr, "td", "sev " + r.s, r.l);
    var td = make(tr, "td"), open = make(td, "button", "open", r.r);
    open.type = "button";
    open.setAttribute("aria-expanded", "false");
    if (r.b) make(td, "span", "kev new", r.b);
    if (r.k) make(td, "span", "kev", r.k);
    if (r.t) make(td, "span", "note", r.t);
    make(tr, "td", "", r.w);
    make(tr, "td", r.x ? "fixed" : "soft", r.x || r.n || "");
    make(tr, "td", "num", r.c ? r.c.toFixed(1) : "");
    make(tr, "td", "num", r.e ? r.e.toFixed(1) + "%" : "");
    make(tr, "td", "soft from", r.i || "");
    open.addEventListener("click", function () {
      var on = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!on));
      if (on) tr.parentNode.removeChild(tr.nextSibling);
      else details(tr, r, word);
    });
  }
  function package_(tr, r) {
    for (var c = 0, td; c < 6; c++) td = make(tr, "td", "", r[c]);
    if (r[6]) make(td, "span", "note", r[6]);
  }
  document.querySelectorAll(".result").forEach(function (section) {
    section.querySelectorAll("table").forEach(function (table) {
      var kind = table.dataset.kind, rows = data[+section.dataset.index][kind];
      var text = rows.map(function (r) { return (kind === "f" ? [r.l, r.r, r.w, r.x, r.n, r.t, r.i, r.k, r.b].concat(r.d.map(function (d) { return d[1]; })) : r).join("\n").toLowerCase(); });
      var order = rows.map(function (_, i) { return i; }), list = order, drawn = 0;
      var body = table.tBodies[0], box = table.parentNode, off = {}, only = {};
      var input = section.querySelector('input[data-for="' + kind + '"]');
      var shown = section.querySelector('.shown[data-for="' + kind + '"]');
      // A row may be several findings, which are counted as so many.
      function count(n, i) { return n + (rows[i].m || 1); }
      function more() {
        var part = document.createDocumentFragment(), end = Math.min(drawn + step, list.length);
        for (; drawn < end; drawn++) {
          var tr = make(part, "tr");
          if (kind === "f") finding(tr, rows[list[drawn]], table.dataset.references);
          else package_(tr, rows[list[drawn]]);
        }
        body.appendChild(part);
      }
      function draw() {
        var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        list = order.filter(function (i) {
          var r = rows[i];
          return !(kind === "f" && (off[r.s] || only.x && !r.x || only.k && !r.k || only.b && !r.b)) && words.every(function (w) { return text[i].indexOf(w) >= 0; });
        });
        body.textContent = "";
        drawn = 0;
        more();
        shown.textContent = list.reduce(count, 0) + " / " + order.reduce(count, 0) + " " + shown.dataset.word;
      }
      function toggle(button, set) {
        button.addEventListener("click", function () {
          var on = button.getAttribute("aria-pressed") !== "true";
          button.setAttribute("aria-pressed", String(on));
          set(on);
          draw();
        });
      }
      box.addEventListener("scroll", function () {
        if (drawn < list.length && box.scrollTop + box.clientHeight > box.scrollHeight - 400) more();
      });
      var wait;
      input.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(draw, 80); });
      table.querySelectorAll("th").forEach(function (th) {
        th.firstChild.addEventListener("click", function () {
          var col = th.dataset.col, up = th.getAttribute("aria-sort") !== "ascending";
          if (col === "c" || col === "e") up = th.getAttribute("aria-sort") === "descending"; // the highest first
          table.querySelectorAll("th").forEach(function (o) { o.removeAttribute("aria-sort"); });
          th.setAttribute("aria-sort", up ? "ascending" : "descending");
          order = order.slice().sort(function (a, b) {
            var x = rows[a][col], y = rows[b][col], d;
            if (col === "s") d = rank.indexOf(x) - rank.indexOf(y);
            else if (col === "c" || col === "e") d = (x || 0) - (y || 0);
            else d = compare(x || "", y || "");
            return (up ? d : -d) || a - b;
          });
          draw();
        });
      });
      if (kind === "f") {
        section.querySelectorAll(".chip").forEach(function (chip) { toggle(chip, function (on) { off[chip.dataset.severity] = !on; }); });
        section.querySelectorAll(".only").forEach(function (chip) { toggle(chip, function (on) { only[chip.dataset.only] = on; }); });
      }
      draw();
    });
  });
})();
