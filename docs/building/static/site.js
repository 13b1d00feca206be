// What the theme leaves out: names for its side bars, and a way for the keyboard into boxes that scroll.
"use strict";

const NAMES = { ".sidebar-drawer": "Pages", ".toc-drawer": "On this page" };

function name() {
  for (const [bar, label] of Object.entries(NAMES)) {
    document.querySelector(bar)?.setAttribute("aria-label", label);
  }
  for (const caption of document.querySelectorAll(".caption[role=heading]")) {
    caption.ariaLevel = "2";
  }
}

function reach() {
  for (const box of document.querySelectorAll("pre, .table-wrapper")) {
    const scrolls = box.scrollWidth > box.clientWidth;
    for (const [key, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", "Scrolls sideways"]]) {
      if (scrolls) box.setAttribute(key, value);
      else box.removeAttribute(key);
    }
  }
}

addEventListener("DOMContentLoaded", () => { name(); reach(); });
addEventListener("load", reach);
addEventListener("resize", reach);
