// Runs before the tests when their coverage is collected: a process that a test starts is not to be slowed down by collecting its own.
Deno.env.delete("DENO_COVERAGE_DIR");
