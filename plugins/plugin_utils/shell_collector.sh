# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2016,SC2034,SC2086,SC2153,SC2231,SC2317  # lists are split, and `read` has names for what nobody reads
#
# The evidence of a node on which Python cannot start, by a POSIX shell and what tools there are. It writes nothing on the node.
# MARK (a nonce that no evidence can hold) and DEADLINE (seconds) are set in front of this text; shell_evidence.py reads the answer:
#   @MARK KIND NAME / content / @MARK err / what went to standard error / @MARK end RC      ... and at last: @MARK done
# First comes all that needs no process of its own: on a node without free PIDs or memory nothing else is to be had. Paths that may lie on a file
# system that hangs are only touched by programs under a deadline, never by the shell itself.

PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/bin:/snap/bin
LC_ALL=C TZ=UTC SYSTEMD_PAGER='' SYSTEMD_COLORS=0
export PATH LC_ALL TZ SYSTEMD_PAGER SYSTEMD_COLORS
unset -v BASH_ENV ENV CDPATH
set +e +u -f
unalias -a 2>/dev/null
IFS=' 	
'

mark() { printf '\n@%s %s\n' "$MARK" "$*"; }

has() { command -v "$1" >/dev/null 2>&1; }

clock() { { read -r up rest </proc/uptime; } 2>/dev/null; up=${up%%.*}; }

late() { clock; [ $((up - began)) -ge "$DEADLINE" ]; }

# ---- by builtins alone: files of /proc and /sys, which no disk can make hang. dash and busybox read byte by byte, and a file of /proc/sys gives no
# more than its first byte that way; such files are read by grep as well, once processes are to be had.

SYSCTLS='/proc/sys/kernel/hostname /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max /proc/sys/fs/file-nr /proc/sys/net/ipv4/ip_forward
 /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max /proc/sys/net/bridge/bridge-nf-call-iptables'

lines() { while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done; }

say() {  # FILE...
  for file in "$@"; do
    if [ -r "$file" ]; then mark file "$file"; { lines <"$file"; } 2>/dev/null; mark end 0
    elif [ -e "$file" ]; then mark file "$file"; mark end denied
    else mark file "$file"; mark end missing; fi
  done
}

names() {  # DIRECTORY of /proc or /sys
  if [ -d "$1" ]; then
    mark list "$1"
    set +f
    for each in "$1"/*; do [ -e "$each" ] && printf '%s\n' "${each##*/}"; done
    set -f
    mark end 0
  else mark list "$1"; mark end missing; fi
}

processes() {  # /proc/PID/stat of all; of the large ones (50 MiB) the cgroups as well
  kubelet='' runtime='' proxy=''
  mark raw processes
  set +f
  for each in /proc/[0-9]*; do
    { IFS= read -r line <"$each/stat"; } 2>/dev/null || continue
    printf '%s\n' "$line"
    name=${line#*\(}
    case ${name%)*} in
      kubelet|k3s|k3s-agent|k3s-server|rke2|kubelite|hyperkube) kubelet="$kubelet ${each#/proc/}" ;;
      containerd|dockerd|crio) runtime="$runtime ${each#/proc/}" ;;
      kube-proxy) proxy="$proxy ${each#/proc/}" ;;
    esac
    set -f; set -- ${line##*) }; set +f
    if [ "${22:-0}" -gt 12800 ] 2>/dev/null; then
      while IFS= read -r line; do printf 'cgroup %s %s\n' "${each#/proc/}" "$line"; done <"$each/cgroup"
    fi 2>/dev/null
  done
  set -f
  mark end 0
}

pids_of() {  # CGROUP DIRECTORY
  { read -r current <"$1/pids.current" && read -r max <"$1/pids.max"; } 2>/dev/null || return 1
  [ "$max" = max ] || [ $((max - current)) -ge "$free" ] || free=$((max - current))
}

pids_cgroups() {  # those with a limit, and those of pods
  groups=/sys/fs/cgroup
  [ -d $groups/pids ] && groups=/sys/fs/cgroup/pids
  mark raw pids-cgroups
  set +f
  for each in $groups $groups/* $groups/*/* $groups/*/*/* $groups/*/*/*/*; do
    { read -r current <"$each/pids.current" && read -r max <"$each/pids.max"; } 2>/dev/null || continue
    case $max$each in
      max*pod*|[0-9]*) printf '%s %s %s\n' "$current" "$max" "${each#"$groups"}" ;;
    esac
  done
  set -f
  mark end 0
}

room() {  # -> free: how many processes this shell may still start, by its own pids cgroups and the kernel's limits
  free=1000000 own=''
  while IFS=: read -r number kind path; do
    case $kind in pids|*,pids|pids,*) own=$path ;; '') [ -n "$own" ] || own=$path ;; esac
  done </proc/self/cgroup
  while :; do
    pids_of "$groups$own"
    case $own in */*) own=${own%/*} ;; *) break ;; esac
  done
  pids_of "$groups"
  { read -r one five fifteen threads rest </proc/loadavg; read -r most </proc/sys/kernel/pid_max; read -r max </proc/sys/kernel/threads-max; } 2>/dev/null
  [ ${#most} -gt 1 ] || return 0
  [ ${#max} -lt 2 ] || [ "$max" -ge "$most" ] || most=$max
  [ $((most - ${threads#*/})) -ge "$free" ] || free=$((most - ${threads#*/}))
}

interfaces() {  # the one of the default route and what it stands on, and the overlays
  names /sys/class/net
  set +f
  for each in /sys/class/net/*; do
    case ${each##*/} in veth*|cali*|lxc*|eni*|lo) ;; *) say "$each/mtu" "$each/operstate" ;; esac
  done
  set -f
  while read -r name destination gateway rest; do
    [ "$destination" = 00000000 ] || continue
    names "/sys/class/net/$name"
    set +f
    for each in "/sys/class/net/$name" "/sys/class/net/$name"/lower_*; do
      base=${each##*/}
      base=/sys/class/net/${base#lower_}
      [ -d "$base" ] || continue
      say "$base/operstate" "$base/carrier_changes" "$base/mtu"
      for counter in rx_errors tx_errors rx_dropped tx_dropped rx_crc_errors rx_packets tx_packets; do say "$base/statistics/$counter"; done
    done
    set -f
    break
  done </proc/net/route
} 2>/dev/null

without_forks() {
  mark raw self
  while IFS= read -r line; do case $line in Uid:*) printf '%s\n' "$line" ;; esac; done </proc/self/status
  while IFS= read -r line; do case $line in btime*) printf '%s\n' "$line" ;; esac; done </proc/stat
  mark end 0
  say /proc/uptime /proc/loadavg /proc/meminfo /proc/mounts /proc/pressure/memory /proc/1/stat /proc/net/route /proc/net/ipv6_route /proc/mdstat
  processes
  pids_cgroups
  room
  [ ${#most} -lt 2 ] || say $SYSCTLS
  for each in $runtime $kubelet; do say "/proc/$each/status"; done
  interfaces
  names /proc/net/bonding
  set +f
  for each in /proc/net/bonding/*; do [ -f "$each" ] && say "$each"; done
  set -f
}

# ---- by programs, each under a deadline

by_hand() {  # SECONDS COMMAND...: where there is no timeout(1)
  seconds=$1; shift
  "$@" &
  child=$!
  ( sleep "$seconds"; kill -9 "$child" ) >/dev/null 2>&1 3>&- &
  guard=$!
  wait "$child"; status=$?
  kill "$guard" 2>/dev/null
  return $status
}

ask() {  # KIND NAME SECONDS COMMAND...
  kind=$1 name=$2 seconds=$3; shift 3
  mark "$kind" "$name"
  if late; then mark end late; return; fi
  { err=$($LIMIT "$seconds" "$@" 2>&1 1>&3 3>&-); rc=$?; } 3>&1
  mark err; printf '%s\n' "$err"; mark end $rc
}

hangs() {  # PATH: on a mount that gave no answer?
  for each in $hung; do case $1/ in "$each"/*) return 0 ;; esac; done
  return 1
}

disk() {  # KIND NAME COMMAND...: of a path that may hang
  if hangs "$2"; then mark "$1" "$2"; mark end hung; return; fi
  kind=$1 name=$2; shift 2
  ask "$kind" "$name" 2 "$@"
  case $rc in 124|137|143) hung="$hung ${where:-$name}" ;; esac
}

get() { for path in "$@"; do disk file "$path" $HEAD "$path"; done; }

canary() {  # MOUNT: does it answer? By a process that holds nothing of ours and is left behind if the kernel does not let go of it
  stat -f "$1" >/dev/null 2>&1 </dev/null 3>&- &
  canary=$!
  sleep 1
  kill -0 $canary 2>/dev/null || return 0
  kill -9 $canary 2>/dev/null
  hung="$hung ${1%/}"
}

file_systems() {  # those that hold what a node lives of; one that does not answer is not asked again
  count=0
  while read -r device target type rest; do
    count=$((count + 1))
    lead=${target%/}
    [ $count -lt 5000 ] || break
    for path in / /var /var/log /var/lib/kubelet /var/lib/containerd /var/lib/docker /var/lib/containers /var/lib/rancher /var/lib/etcd /etc/kubernetes \
      /etc/cni /opt/cni /var/log/pods /var/lib/kubelet/pods /run; do
      case $path/ in
        "$lead"/*)
          case " $asked " in *" $target "*) break ;; esac
          asked="$asked $target"
          case $type in ext[234]|xfs|btrfs|overlay|tmpfs|zfs) ;; *) canary "$target" ;; esac
          where=$lead
          if has stat; then disk vfs "$target" stat -f -c '%S %b %f %a %c %d' "$target"; else disk df "$target" df -Pk "$target"; fi
          where=''
          break ;;
      esac
    done
  done </proc/mounts
}

public() { disk file "$1" sed -e 's/\([-_]key-data\|[Tt]oken\|[Pp]assword\)\(["'"'"' ]*:\).*/\1\2 [removed]/' "$1"; }  # secrets stay on the node

value() {  # NAME FILE: the first value of a key in YAML
  hangs "$2" ||
    $LIMIT 2 sed -n -e "s/^.*[{, ]$1: *[\"']\{0,1\}\([^\"',} ]*\).*/\1/p" -e "s/^$1: *[\"']\{0,1\}\([^\"',} ]*\).*/\1/p" "$2" 2>/dev/null | $HEADLINE
}

flag() { printf '%s\n' "$arguments" | sed -n -e "s/^--$1=//p" -e "/^--$1\$/{n;p;}" | $HEADLINE; }

kubelet_files() {
  arguments=''
  for each in $kubelet $proxy; do
    if has tr; then
      mark cmdline "/proc/$each/cmdline"
      $LIMIT 2 tr '\0' '\n' <"/proc/$each/cmdline" 2>/dev/null
      mark end $?
    fi
  done
  for each in $kubelet; do arguments=$($LIMIT 2 tr '\0' '\n' <"/proc/$each/cmdline" 2>/dev/null); break; done
  config=$(flag config) conf=$(flag kubeconfig) endpoint=$(flag container-runtime-endpoint)
  for each in k3s rke2; do
    if [ -n "$conf" ] || [ -n "$hung" ]; then break; fi
    $LIMIT 2 test -f /var/lib/rancher/$each/agent/kubelet.kubeconfig || continue
    config='' conf=/var/lib/rancher/$each/agent/kubelet.kubeconfig endpoint=unix:///run/k3s/containerd/containerd.sock
    break
  done
  config=${config:-/var/lib/kubelet/config.yaml} conf=${conf:-/etc/kubernetes/kubelet.conf}
  public "$config"; public "$conf"
  get /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet /etc/sysconfig/kubelet
  endpoint=${endpoint:-$(value containerRuntimeEndpoint "$config")}
  socket=${endpoint#unix://}
  [ -n "$socket" ] || ! $LIMIT 2 test -S /run/dockershim.sock || socket=/run/dockershim.sock
  socket=${socket:-/run/containerd/containerd.sock}
  health=$(value healthzPort "$config")
  server=$(value server "$conf") ca=$(value certificate-authority "$conf") cert=$(value client-certificate "$conf") key=$(value client-key "$conf")
  cert=${cert:-/var/lib/kubelet/pki/kubelet-client-current.pem}
  disk file "$cert" sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$cert"
  disk stat "$cert" stat -c "$FORM" "$cert"
}

network_files() {
  get /etc/containerd/config.toml /var/lib/rancher/k3s/agent/etc/containerd/config.toml /etc/crio/crio.conf
  for path in /etc/cni/net.d /var/lib/rancher/k3s/agent/etc/cni/net.d /opt/cni/bin /usr/lib/cni /usr/libexec/cni /var/lib/kubelet/pods /var/log/pods; do
    disk list "$path" ls -1A "$path"
  done
  for path in $(hangs /etc/cni/net.d || $LIMIT 2 ls -1 /etc/cni/net.d 2>/dev/null); do
    get "/etc/cni/net.d/$path"
    disk stat "/etc/cni/net.d/$path" stat -c "$FORM" "/etc/cni/net.d/$path"
    break
  done
  for path in /run/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock /run/dockershim.sock /run/k3s/containerd/containerd.sock \
    /proc/self/ns/pid; do
    ask stat "$path" 2 stat -c "$FORM" "$path"
  done
}

runtime_answers() {
  mark raw socket; printf '%s\n' "$socket"; mark end 0
  if has crictl; then
    ask run crictl-info 5 crictl -r "unix://$socket" -t 4s info
    [ "$rc" = 0 ] && ask run crictl-version 5 crictl -r "unix://$socket" -t 4s version
    [ "$rc" = 0 ] && ask run crictl-ps 5 crictl -r "unix://$socket" -t 4s ps -a -o json
    [ "$rc" = 0 ] && ask run crictl-images 5 crictl -r "unix://$socket" -t 4s images -q
  elif [ -n "${socket##*crio*}" ] && has ctr; then
    ask run ctr-version 5 ctr -a "$socket" version
    [ "$rc" = 0 ] && ask run ctr-images 5 ctr -a "$socket" -n k8s.io images ls -q
  fi
}

request() {  # HOST PORT PATH, over plain TCP
  if has curl; then ask http kubelet-healthz 3 curl -sS -i -m 3 "http://$1:$2$3"
  elif has bash; then
    ask http kubelet-healthz 3 bash -c "exec 3<>/dev/tcp/$1/$2 && printf 'GET $3 HTTP/1.0\r\n\r\n' >&3 && cat <&3"
  elif has nc; then ask http kubelet-healthz 3 sh -c "printf 'GET $3 HTTP/1.0\r\n\r\n' | nc $1 $2"
  fi
}

api_server() {
  address=${server#https://}
  above=${address#"${address%%/*}"}
  above=${above%/}
  address=${address%%/*}
  case $above in *[!0-9A-Za-z._/-]*) return ;; esac
  case $address in ''|*[!0-9A-Za-z.:_-]*) return ;; esac
  case $address in *:*) ;; *) address=$address:443 ;; esac
  path=$above/version name=''
  if has openssl; then
    name=$(hangs "$cert" || $LIMIT 2 openssl x509 -noout -subject -nameopt multiline -in "$cert" 2>/dev/null |
      sed -n 's/.*system:node:\([A-Za-z0-9.-]*\).*/\1/p')
    [ -n "$name" ] && path=$above/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/$name
  fi
  if hangs "$cert"; then return; fi
  mark raw api-asked; { lines </proc/uptime; }; mark end 0
  $LIMIT 2 test -r "$cert" || cert=''  # the identity stands in the kubeconfig itself
  if [ -z "$ca" ] && { has curl || has openssl; }; then mark raw unverified; mark end 0; fi  # and so does the CA
  if has curl; then
    set -- -k
    [ -z "$ca" ] || set -- --cacert "$ca"
    [ -z "$cert" ] || set -- "$@" --cert "$cert" --key "${key:-$cert}"
    ask http api-request 5 curl -sS -i -m 4 "$@" "https://$address$path"
  elif has openssl; then
    ask http api-request 5 sh -c 'printf "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nConnection: close\r\n\r\n" "$1" "$2" |
      openssl s_client -quiet -no_ign_eof -connect "$2" ${3:+-cert "$3" -key "$4"} ${5:+-CAfile "$5" -verify_return_error} -ign_eof' \
      sh "$path" "$address" "$cert" "${key:-$cert}" "$ca"
  elif has bash; then ask tcp api-request 4 bash -c "exec 3<>/dev/tcp/${address%:*}/${address##*:}"
  elif has nc; then ask tcp api-request 4 nc -z -w 3 "${address%:*}" "${address##*:}"
  fi
}

units() {
  all='' journal=''
  for each in kubelet k3s k3s-agent rke2-server rke2-agent snap.microk8s.daemon-kubelite snap.kubelet-eks.daemon origin-node atomic-openshift-node containerd \
    crio docker cri-docker snap.microk8s.daemon-containerd kube-proxy firewalld nftables iptables; do
    for folder in /etc/systemd/system /run/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
      [ -e "$folder/$each.service" ] && all="$all $each.service" && journal="$journal -u $each.service" && break
    done
  done
  ask run systemctl-show 5 systemctl show --no-pager -p "Id,LoadState,ActiveState,SubState,Result,Restart,NRestarts,ExecMainCode,ExecMainStatus,MainPID,\
ExecStart,Environment,EnvironmentFiles,ActiveEnterTimestamp,InactiveEnterTimestamp,StateChangeTimestamp,FragmentPath,DropInPaths,Requires,BindsTo,\
ControlGroup" $all
  ask run journal 6 journalctl --no-pager -q -o short-unix -n 5000 $journal
  case $rc in 0|124|137|143) ;; *) ask run journal-iso 6 journalctl --no-pager -q -o short-iso -n 5000 $journal ;; esac  # systemd 219 has no short-unix
}

with_forks() {
  hung='' asked='' where='' rc=0
  FORM='%F|%s|%Y|%a|%u|%N'
  HEAD='head -c 65536' HEADLINE='head -n 1'
  has head || HEAD='cat'
  LIMIT=by_hand
  if timeout -s KILL 2 true 2>/dev/null; then LIMIT='timeout -s KILL'; elif timeout -t 2 true 2>/dev/null; then LIMIT='timeout -t'; fi
  if [ ${#most} -lt 2 ]; then ask sysctl . 2 grep -H '' $SYSCTLS; fi
  file_systems
  units
  ask run dmesg 5 dmesg
  kubelet_files
  runtime_answers
  request 127.0.0.1 "${health:-10248}" /healthz
  api_server
  network_files
  ask run iptables-save 5 iptables-save
  if has iptables-legacy-save; then ask run iptables-legacy-save 5 iptables-legacy-save; fi
  if has nft; then ask run nft-tables 3 nft list tables; fi
}

main() {
  clock
  began=$up
  mark begin "$DEADLINE"
  without_forks
  mark raw free; printf '%s\n' "$free"; mark end 0
  # bash would wait half a minute for a process that is not to be had, and dash would end. What comes is passed on by cat: a program that even
  # SIGKILL does not end (a dead disk) then holds cat's pipe and not the connection.
  if [ "$free" -ge 4 ]; then
    clock
    if has timeout && has cat; then { with_forks 2>/dev/null & } | timeout -s KILL $((DEADLINE + 1 - up + began)) cat; else with_forks; fi
  fi
  mark 'done'
}

main </dev/null
exit 0
