import type { Cli } from "../common/cli.ts";
import { usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"];

/**
 * Follows the script for bash. Tags have colons, at which bash begins a new word: only what is behind the last one is replaced, so only that
 * may be offered. And what the script takes from the package bash-completion is there without it, too.
 */
const IN_BASH = `
declare -F _get_comp_words_by_ref > /dev/null || _get_comp_words_by_ref() {
    local line=\${COMP_LINE:0:COMP_POINT}
    read -ra words <<< "$line"
    [[ $line == *" " ]] && words+=("")
    cword=$((\${#words[@]} - 1))
    cur=\${words[cword]}
    prev=\${words[cword - 1]}
}

__ddfs_with_colons() {
    __ddfs_complete "$@"
    local word=\${COMP_LINE:0:COMP_POINT}
    word=\${word##* }
    [[ $word == *:* && $COMP_WORDBREAKS == *:* ]] || return 0
    local before=\${word%"\${word##*:}"} i
    for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$before"}; done
}

complete -o default -F __ddfs_with_colons ddfs
`;

/** Prints the script that makes a shell complete the commands, their options, and the names of tags. */
export async function completion(cli: Cli, [shell = ""]: string[], _options: CommandOptions): Promise<void> {
  if (!SHELLS.includes(shell)) throw usage(`There is no completion for ${JSON.stringify(shell)}: ${SHELLS.join(", ")}`);
  const { default: tab } = await import("@bomb.sh/tab");
  tab.setup("ddfs", "ddfs", shell);
  if (shell === "bash") await cli.write(new TextEncoder().encode(IN_BASH));
}
