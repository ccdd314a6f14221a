// `completion`: prints a script for a shell. The script calls this program for the matching words.

import type { Command } from './command.ts'
import type { EntityTypes } from './entity-types.ts'
import { suggestion, UsageError } from './usage-error.ts'

const scripts: Readonly<Record<string, string>> = {
  bash: `_headlessly() {
  local IFS=$'\\n'
  COMPREPLY=($(headlessly completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ \${#COMPREPLY[@]} -gt 0 && \${COMPREPLY[0]} == *. ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _headlessly headlessly`,
  zsh: `#compdef headlessly
_headlessly() {
  local -a found
  found=("\${(@f)$(headlessly completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -S '' -- \${(M)found:#*.}
  compadd -- \${found:#*.}
}
compdef _headlessly headlessly`,
  fish: `complete -c headlessly -f -a '(headlessly completion words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
}

/** `complete` returns the completions of the last word. */
export function makeCompletionCommand(
  complete: (words: readonly string[], types: EntityTypes) => readonly string[],
): Command {
  return {
    name: 'completion',
    words: ['<bash|zsh|fish>', '[word…]'],
    about: 'print a script that completes commands, types, verbs, flags and values',
    example: 'completion bash > ~/.local/share/bash-completion/completions/headlessly',
    flags: [],
    async run({ words: [shell = '', ...words], output, types }) {
      if (shell === 'words') {
        for (const word of complete(words, types)) output.line(word)
        return 0
      }
      const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
      if (script === undefined || words.length > 0)
        throw new UsageError(
          `completion expects one of ${Object.keys(scripts).join(', ')}${suggestion(shell, Object.keys(scripts))}`,
          'completion',
        )
      output.line(script)
      return 0
    },
  }
}
