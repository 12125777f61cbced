// Where we are stands in the address: #/view/what?filter=value.

/** The parts of the present address. */
function here() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, ...rest] = path.split("/");
  return { view: view || "overview", what: decoded(rest.join("/")), filters: Object.fromEntries(new URLSearchParams(query)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encoded(text) {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");
}

/** The address of a view; filters without a value are left out. */
function address(view, what = "", filters = {}) {
  const query = Object.entries(filters).filter(([, value]) => value).map(([name, value]) => `${name}=${encoded(value)}`);
  return `#/${view}${what && `/${encoded(what)}`}${query.length ? `?${query.join("&")}` : ""}`;
}

/** Go there. `quietly` replaces the present address instead of adding one to the history. */
function go(view, what = "", filters = {}, quietly = false) {
  history[quietly ? "replaceState" : "pushState"](null, "", address(view, what, filters));
  return show();
}
