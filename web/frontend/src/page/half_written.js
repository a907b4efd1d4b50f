// Whether leaving this page would lose something that the reader has begun to write.

export const isHalfWritten = () =>
  [...document.querySelectorAll("form[method=post] :is(textarea, input:not([type=hidden]))")].some(
    (one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked,
  );
