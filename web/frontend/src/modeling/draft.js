// The work on a version, kept by the browser until it is handed in or thrown away: a reload loses nothing.
//
//   { at: ISO moment, files: { name: XML }, report: what the gate last said, isStale: changed since }

const EMPTY = () => ({ at: null, files: {}, report: null, isStale: false });

export function draftOf(key) {
  const read = () => {
    try {
      return { ...EMPTY(), ...JSON.parse(localStorage.getItem(key) ?? "{}") };
    } catch {
      return EMPTY();
    }
  };
  // false when the browser has no room left: the page then says so
  const write = (held) => {
    try {
      localStorage.setItem(key, JSON.stringify(held));
      return true;
    } catch {
      return false;
    }
  };
  return {
    read,
    keep: (name, xml) => write({ ...read(), at: new Date().toISOString(), files: { ...read().files, [name]: xml }, isStale: true }),
    judged: (report) => write({ ...read(), report, isStale: false }),
    discard: () => localStorage.removeItem(key),
  };
}
