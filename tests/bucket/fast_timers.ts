// Runs before a command whose waits are to be shorter: a fifth of each that takes a second or more.
const { setTimeout } = globalThis;
globalThis.setTimeout =
  ((run: () => void, milliseconds = 0) =>
    setTimeout(run, milliseconds < 1000 ? milliseconds : milliseconds / 5)) as typeof setTimeout;
