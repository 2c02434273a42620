// The code stands behind the # of the printed link, which no server and no log is told.
"use strict";

const field = document.querySelector("input[name=code]");
if (field && location.hash) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.querySelector("input[name=username]").focus();
}
