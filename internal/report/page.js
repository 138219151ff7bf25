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
  document.querySelectorAll(".result").forEach(function (section) {
    section.querySelectorAll("table").forEach(function (table) {
      var kind = table.dataset.kind, rows = data[+section.dataset.index][kind];
      var text = rows.map(function (r) { return r.join("\n").toLowerCase(); });
      var order = rows.map(function (_, i) { return i; }), list = order, drawn = 0;
      var body = table.tBodies[0], box = table.parentNode, off = {};
      var input = section.querySelector('input[data-for="' + kind + '"]');
      var shown = section.querySelector('.shown[data-for="' + kind + '"]');
      function add(tr, value, name) {
        var td = document.createElement("td");
        td.textContent = value;
        if (name) td.className = name;
        tr.appendChild(td);
        return td;
      }
      function more() {
        var part = document.createDocumentFragment(), end = Math.min(drawn + step, list.length);
        for (; drawn < end; drawn++) {
          var r = rows[list[drawn]], tr = document.createElement("tr"), from = 0, td;
          if (kind === "f") { add(tr, r[1], "sev " + r[0]); from = 2; }
          for (var c = from; c < (kind === "f" ? 7 : 6); c++) td = add(tr, r[c]);
          if (kind === "p" && r[6]) {
            var note = document.createElement("span");
            note.className = "note";
            note.textContent = r[6];
            td.appendChild(note);
          }
          part.appendChild(tr);
        }
        body.appendChild(part);
      }
      function draw() {
        var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        list = order.filter(function (i) {
          return !(kind === "f" && off[rows[i][0]]) && words.every(function (w) { return text[i].indexOf(w) >= 0; });
        });
        body.textContent = "";
        drawn = 0;
        more();
        shown.textContent = list.length + " / " + rows.length + " " + shown.dataset.word;
      }
      box.addEventListener("scroll", function () {
        if (drawn < list.length && box.scrollTop + box.clientHeight > box.scrollHeight - 400) more();
      });
      var wait;
      input.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(draw, 80); });
      table.querySelectorAll("th").forEach(function (th) {
        th.addEventListener("click", function () {
          var col = +th.dataset.col, up = th.getAttribute("aria-sort") !== "ascending";
          table.querySelectorAll("th").forEach(function (o) { o.removeAttribute("aria-sort"); });
          th.setAttribute("aria-sort", up ? "ascending" : "descending");
          order = order.slice().sort(function (a, b) {
            var d = kind === "f" && col === 0 ? rank.indexOf(rows[a][0]) - rank.indexOf(rows[b][0]) : compare(rows[a][col], rows[b][col]);
            return (up ? d : -d) || a - b;
          });
          draw();
        });
      });
      if (kind === "f") section.querySelectorAll(".chip").forEach(function (chip) {
        chip.addEventListener("click", function () {
          var on = chip.getAttribute("aria-pressed") !== "true";
          chip.setAttribute("aria-pressed", on);
          off[chip.dataset.severity] = !on;
          draw();
        });
      });
      draw();
    });
  });
})();
