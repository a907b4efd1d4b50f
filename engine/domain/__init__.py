"""Pure rules: values in, values or refusals out; no input or output, no wall clock."""
