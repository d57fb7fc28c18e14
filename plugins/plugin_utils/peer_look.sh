# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2016,SC2034,SC2059,SC2086,SC2153,SC2317  # commands are split; MARK and the calls of `look` come from peer.py
#
# What a healthy node sees of a silent one on the network, by a POSIX shell, ip, ping, and bash, python3 or nc. Writes nothing, needs no root.
#   look NUMBER ADDRESS SSH-PORT KUBELET-PORT
# A kubelet's port speaks only when spoken to: any text without TLS makes it answer 400. sshd speaks first.
# Lines: @MARK NUMBER route|ping TEXT    @MARK NUMBER neigh SECONDS TEXT    @MARK NUMBER port PORT TEXT    ... and at last: @MARK done

PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/bin:/opt/python/bin
LC_ALL=C
export PATH LC_ALL
unset -v BASH_ENV ENV
set +e +u -f

has() { command -v "$1" >/dev/null 2>&1; }
say() { printf '@%s %s\n' "$MARK" "$*"; }
clock() { { read -r up rest </proc/uptime; } 2>/dev/null; up=${up%%.*}; }

limit='timeout'
timeout 1 true 2>/dev/null || limit='timeout -t'
unlimited() { shift; "$@"; }  # what it is for has deadlines of its own
has timeout || limit=unlimited

by_bash='exec 3<>"/dev/tcp/$1/$2" || exit 1
echo OPEN; printf "$3" >&3; line=
IFS= read -t 6 -r line <&3
[ -z "$line" ] || echo "BANNER ${line:0:60}"'
by_python='import socket, sys
try:
    made = socket.create_connection((sys.argv[1], int(sys.argv[2])), 6)
    print("OPEN")
    made.settimeout(6)
    made.sendall(sys.argv[3].encode().decode("unicode_escape").encode())
    print("BANNER " + repr(made.recv(60).decode("latin-1").splitlines()[0]))
except Exception as error:
    print(error)'

ask() {  # ADDRESS PORT TEXT
  if has bash; then $limit 10 bash -c "$by_bash" - "$1" "$2" "$3"
  elif has python3; then $limit 14 python3 -I -S -B -c "$by_python" "$1" "$2" "$3"
  elif has nc; then { printf "$3"; sleep 3; } | $limit 10 nc -v -w 4 "$1" "$2"
  else echo UNKNOWN; fi </dev/null 2>&1
}

look() {
  number=$1 address=$2 ssh=$3 kubelet=$4
  { said=$(ask "$address" "$ssh" '' | tr -c ' -~' ' '); say "$number port $ssh $said"; } &
  { said=$(ask "$address" "$kubelet" 'GET / HTTP/1.0\r\n\r\n' | tr -c ' -~' ' '); say "$number port $kubelet $said"; } &
  route=$(ip route get "$address" 2>&1 | head -n 1) most=12
  say "$number route $route"
  case $route in *' via '*) most=3 ;; esac  # no neighbour of ours
  ping=ping
  case $address in *:*) has ping6 && ping=ping6 ;; esac
  has ping || say "$number ping UNKNOWN"
  clock; began=$up first='' turn=0
  while [ $turn -lt $most ]; do
    turn=$((turn + 1))
    if has ping; then
      said=$($limit 3 $ping -n -c 1 -W 1 "$address" 2>&1 </dev/null | grep -i 'bytes from')
      [ -z "$said" ] || say "$number ping $said"
    else sleep 1; fi
    neigh=$( { ip -s neigh show to "$address" 2>/dev/null || ip neigh show to "$address"; } | head -n 1)
    clock; say "$number neigh $((up - began)) $neigh"
    [ -z "$said" ] || break
    first=${first:-$neigh.}
    case $neigh in *FAILED*) break ;; esac
    case $first in *REACHABLE*) ;; *) case $neigh in *REACHABLE*) break ;; esac ;; esac
  done
  has ping && [ -z "$said" ] && say "$number ping NONE of $turn"
  wait
}
