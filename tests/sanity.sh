#!/usr/bin/env bash
# ansible-test sanity over this tree, without containers and without Galaxy.
#   sanity.sh BIN [TEST...]     BIN: the bin directory of the environment that ansible-test is in; STATE: where the copy is made
set -euo pipefail
BIN=$1
shift
# ansible-test wants a real path .../ansible_collections/kubetriage/node; the link in the checkout is none, and the link itself is no part of it.
COPY=$STATE/sanity/ansible_collections/kubetriage/node
rm -rf "$STATE/sanity" && mkdir -p "$COPY"
git ls-files --cached --others --exclude-standard -z -- . ':!collections' | while IFS= read -r -d '' file; do
  [ -e "$file" ] || continue
  mkdir -p "$COPY/$(dirname "$file")" && cp -p "$file" "$COPY/$file"
done
# Its own way to get pip is a download from a host of its project; each Python brings one.
version=$("$BIN/python" -c 'import ansible_test, pathlib, re
print(re.search(r"pip=.([\d.]+)", (pathlib.Path(ansible_test.__path__[0]) / "_internal/python_requirements.py").read_text()).group(1))')
mkdir -p "$HOME/.ansible/test/cache"
stub=$HOME/.ansible/test/cache/get_pip_${version//./_}.py
[ -e "$stub" ] || printf 'import ensurepip\nensurepip.bootstrap(default_pip=True)\n' >"$stub"
# A version manager's shims look like Pythons and are none: the real ones first.
PATHS=$BIN
for python in "$(pyenv root 2>/dev/null || true)"/versions/3.*/bin; do [ -d "$python" ] && PATHS=$PATHS:$python; done
cd "$COPY"
git init -q . && git add -A
PATH=$PATHS:/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 ansible-test sanity --color no "$@"
