#!/usr/bin/env bash
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A real Kubernetes cluster on one machine, as root: etcd, API server, controller manager and scheduler are processes of this
# machine at 10.77.0.1; every worker is a systemd-nspawn container with systemd, sshd, journald, containerd, kubelet and kube-proxy.
#
#   lab.sh build                          programs, the workers' root, images (minutes at first, a second later)
#   lab.sh start                          the control plane
#   lab.sh worker NAME OCTET [ZONE]       a worker at 10.77.0.OCTET, until it is Ready; nothing if it runs already
#   lab.sh up                             start, and the workers w1 w2 w3
#   lab.sh fresh NAME                     the worker again from scratch: new disks, new journal, same name and address
#   lab.sh off NAME                       power cut
#   lab.sh exec NAME COMMAND...           as root in the worker, but outside its cgroups (works when no PID or memory is left)
#   lab.sh kubectl ARGUMENTS...
#   lab.sh inventory                      for ansible, on standard output
#   lab.sh stop (or down)                 no process, mount, bridge, cgroup or cluster state is left; what was built stays
#
#   LAB          where everything lives   ${XDG_CACHE_HOME:-~/.cache}/kubetriage-lab
#   LAB_TIMING   fast: a silent node is Unknown after NODE_GRACE (16) seconds; kubernetes: the defaults of Kubernetes (50 s)
#   LAB_PYTHONS  colon-separated directories (Python prefixes) that the workers see read-only at the same path
#   MEM PIDS DISK  a worker's memory limit (2G), PID limit (2000), disk size (3G)
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/kubetriage-lab}
LAB_TIMING=${LAB_TIMING:-fast} LAB_PYTHONS=${LAB_PYTHONS:-} NODE_GRACE=${NODE_GRACE:-16}
BIN=$LAB/bin PKI=$LAB/pki NODES=$LAB/nodes
API=10.77.0.1 BRIDGE=kbr0 KUBERNETES=v1.35.4
# The named hierarchy (systemd) must be per worker as well, or the workers' systemds and kubelets see one another's units and pods.
CONTROLLERS="systemd memory pids cpu cpuacct cpuset blkio devices freezer"

die() { echo "lab: $*" >&2; exit 1; }
say() { echo "lab: $*" >&2; }

# ---- what this machine must have -------------------------------------------------------------------------------------

machine() {  # can this machine be a lab at all?
  [ "$(uname -s)" = Linux ] || die "needs Linux, this is $(uname -s)"
  [ "$(id -u)" = 0 ] || die "needs root (namespaces, cgroups, loop devices), this is $(id -un)"
  local c
  for c in $CONTROLLERS; do
    [ -w "/sys/fs/cgroup/$c/cgroup.procs" ] || die "needs cgroup v1 hierarchies, and /sys/fs/cgroup/$c is not one" \
      "(boot with systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller)"
  done
}

packages() {  # install the Debian packages whose programs are missing
  local missing="" pair
  for pair in mmdebstrap:mmdebstrap systemd-nspawn:systemd-container gcc:gcc openssl:openssl ip:iproute2 ssh-keygen:openssh-client \
    mkfs.ext4:e2fsprogs python3:python3 flock:util-linux pgrep:procps; do
    command -v "${pair%%:*}" >/dev/null || missing+=" ${pair#*:}"
  done
  [ -f "$(gcc -print-file-name=libc.a 2>/dev/null)" ] || missing+=" libc6-dev"  # gcc prints the bare name if it has none
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "these programs are missing and there is no apt-get to install them:$missing (Debian package names)"
  say "installing$missing"
  # shellcheck disable=SC2086  # a list of packages
  { DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends $missing ||
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends $missing; }; } >/dev/null ||
    die "apt-get could not install$missing"
}

# ---- build -----------------------------------------------------------------------------------------------------------

digest() { sha256sum | cut -d' ' -f1; }
built() { [ -e "$1" ] && [ "$(cat "$1.of" 2>/dev/null)" = "$2" ]; }  # FILE DIGEST: made from this input already?

programs() {  # etcd, Kubernetes and kubectl as one program that imports them as modules: no release can be downloaded everywhere, modules can
  local of part v=k8s.io/component-base/version
  of=$( (cat "$HERE"/hyperkube/*; echo "$KUBERNETES") | digest)
  built "$BIN/hyperkube" "$of" && return
  command -v go >/dev/null || die "go is not installed: the lab compiles Kubernetes ${KUBERNETES#v} and needs Go 1.21 or newer in PATH (https://go.dev/dl/)"
  say "compiling Kubernetes ${KUBERNETES#v} (5 to 10 min the first time)"
  mkdir -p "$BIN"
  (cd "$HERE/hyperkube" && CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -o "$BIN/hyperkube.new" \
    -ldflags "-s -w -X $v.gitVersion=$KUBERNETES -X $v.gitMajor=1 -X $v.gitMinor=35 -X $v.gitCommit=lab -X $v.gitTreeState=clean -X $v.buildDate=2026-01-01T00:00:00Z" .) ||
    die "go build in $HERE/hyperkube failed; its own message is above"
  mv "$BIN/hyperkube.new" "$BIN/hyperkube"
  for part in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do ln -sf hyperkube "$BIN/$part"; done
  echo "$of" >"$BIN/hyperkube.of"
}

BASE_PACKAGES=systemd,systemd-sysv,dbus,openssh-server,sudo,python3,iproute2,iptables,nftables,containerd,containernetworking-plugins,procps,\
kmod,iputils-ping,ca-certificates,openssl,e2fsprogs,conntrack,ethtool,ipset,smartmontools,fuse3,util-linux,less,busybox-static,libffi8,liblzma5

base_files() {  # ROOT: what every worker has in common beside its packages
  local r=$1 u
  for u in ops nosudo; do chroot "$r" useradd -m -s /bin/bash "$u"; done
  echo 'ops ALL=(ALL) NOPASSWD: ALL' >"$r/etc/sudoers.d/ops"; chmod 440 "$r/etc/sudoers.d/ops"
  for u in root home/ops home/nosudo; do
    mkdir -p "$r/$u/.ssh"; chmod 700 "$r/$u/.ssh"; cp "$LAB/ssh_key.pub" "$r/$u/.ssh/authorized_keys"
  done
  chroot "$r" chown -R ops:ops /home/ops/.ssh; chroot "$r" chown -R nosudo:nosudo /home/nosudo/.ssh
  # Workers have no DNS server, as a sick node has none: sshd must not ask it, and many sessions may come at once.
  printf 'UseDNS no\nMaxStartups 100\nMaxSessions 100\n' >"$r/etc/ssh/sshd_config.d/lab.conf"
  mkdir -p "$r/var/log/journal"  # persistent journal
  chroot "$r" systemctl mask --quiet console-getty.service getty.target e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer \
    systemd-networkd.service systemd-resolved.service nftables.service
  rm -rf "$r"/etc/cni/net.d/* "$r/etc/machine-id" "$r/etc/resolv.conf"
  echo 'net.ipv4.ip_forward = 1' >"$r/etc/sysctl.d/99-kubernetes.conf"
}

base() {  # Debian, as the lower layer of every worker's root
  local of
  of=$( (echo "$BASE_PACKAGES"; declare -f base_files; cat "$LAB/ssh_key.pub") | digest)
  built "$LAB/base" "$of" && return
  ! compgen -G "$NODES/*/pid" >/dev/null || die "the workers' base has changed and workers are running on the old one: lab.sh stop first"
  say "installing Debian bookworm for the workers (30 to 90 s)"
  rm -rf --one-file-system "$LAB/base" "$LAB/base.new"
  mmdebstrap --quiet --variant=minbase --include="$BASE_PACKAGES" bookworm "$LAB/base.new" || die "mmdebstrap could not install Debian bookworm into $LAB/base.new"
  base_files "$LAB/base.new"
  mv "$LAB/base.new" "$LAB/base"; echo "$of" >"$LAB/base.of"
}

images() {  # pause, the workload under the names that the faults' pods use, and a shell
  local of links
  of=$(cat "$HERE/workload.c" "$HERE/mkimg.py" "$LAB/base.of" | digest)
  built "$LAB/images.tar" "$of" && return
  gcc -static -O2 -Wall -o "$LAB/workload" "$HERE/workload.c" || die "gcc could not link $HERE/workload.c statically (package libc6-dev)"
  links=$(for applet in sh cat ls sleep ps df mount wget nc ping; do printf '/bin/%s,' "$applet"; done)
  python3 "$HERE/mkimg.py" "$LAB/images.tar" "registry.k8s.io/pause:3.10=$LAB/workload:/pause" "lab.example/front:1=$LAB/workload:/front" \
    "lab.example/leaky:1=$LAB/workload:/leaky" "lab.example/forker:1=$LAB/workload:/forker" \
    "lab.example/shell:1=$LAB/base/bin/busybox:/bin/busybox:${links%,}"
  echo "$of" >"$LAB/images.tar.of"
}

build() {
  machine; packages; mkdir -p "$LAB"; chmod 755 "$LAB"
  ( flock 9  # two builds at once would write the same files
    [ -f "$LAB/ssh_key" ] || ssh-keygen -q -t ed25519 -N '' -C kubetriage-lab -f "$LAB/ssh_key"
    programs; base; images ) 9>"$LAB/build.lock"
}

# ---- control plane ---------------------------------------------------------------------------------------------------

certificate() {  # NAME SUBJECT [SUBJECT_ALT_NAMES] [openssl x509 options]; signed by the lab's CA, for a year unless said otherwise
  local name=$1 subject=$2 san=${3:-DNS:$1}; shift; shift; shift || true
  [ $# -gt 0 ] || set -- -days 365
  openssl req -newkey rsa:2048 -nodes -keyout "$PKI/$name.key" -out "$PKI/$name.csr" -subj "$subject" 2>/dev/null
  # A random serial, because workers are made in parallel and share the CA.
  openssl x509 -req -in "$PKI/$name.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -set_serial "0x$(openssl rand -hex 8)" "$@" -out "$PKI/$name.crt" \
    -extfile <(echo "subjectAltName=$san"; echo extendedKeyUsage=clientAuth,serverAuth) 2>/dev/null
}

kubeconfig() {  # NAME: $PKI/NAME.conf from its certificate
  local k=("$BIN/kubectl" --kubeconfig "$PKI/$1.conf" config)
  "${k[@]}" set-cluster lab --server "https://$API:6443" --certificate-authority "$PKI/ca.crt" --embed-certs >/dev/null
  "${k[@]}" set-credentials "$1" --client-certificate "$PKI/$1.crt" --client-key "$PKI/$1.key" --embed-certs >/dev/null
  "${k[@]}" set-context lab --cluster lab --user "$1" >/dev/null
  "${k[@]}" use-context lab >/dev/null
}

pki() {
  openssl x509 -in "$PKI/admin.crt" -noout -checkend 864000 >/dev/null 2>&1 && return
  rm -rf "$PKI"; mkdir -p "$PKI"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout "$PKI/ca.key" -out "$PKI/ca.crt" -subj /CN=kubernetes 2>/dev/null
  openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null
  certificate apiserver /CN=kube-apiserver "IP:$API,IP:10.96.0.1,IP:127.0.0.1,DNS:kubernetes,DNS:localhost"
  certificate kcm /CN=system:kube-controller-manager; certificate sched /CN=system:kube-scheduler; certificate proxy /CN=system:kube-proxy
  certificate admin /O=system:masters/CN=admin
  local c; for c in admin kcm sched proxy; do kubeconfig $c; done
}

kubectl() { "$BIN/kubectl" --kubeconfig "$PKI/admin.conf" "$@"; }

started_at() { [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
remember() { echo "$2 $(started_at "$2")" >"$1"; }  # FILE PID: with the start time, so that a reused PID is never taken for ours
alive() { local p s; read -r p s 2>/dev/null <"$1" && [ -n "$s" ] && [ "$(started_at "$p")" = "$s" ] && echo "$p"; }  # FILE -> PID

daemon() {  # NAME COMMAND...: unless it runs
  local n=$1; shift
  alive "$LAB/$n.pid" >/dev/null && return
  setsid "$@" >>"$LAB/log/$n.log" 2>&1 </dev/null 9>&- &
  remember "$LAB/$n.pid" $!
}

end() {  # NAME: the daemon, and wait until it is gone; its state is thrown away, so it need not be asked kindly
  local p
  if p=$(alive "$LAB/$1.pid"); then kill -KILL "$p" 2>/dev/null || true; fi
  while alive "$LAB/$1.pid" >/dev/null; do sleep 0.05; done
  rm -f "$LAB/$1.pid"
}

until_true() {  # SECONDS COMMAND...: every 0.2 s
  local t=$(($1 * 5)); shift
  while ! "$@" >/dev/null 2>&1; do t=$((t - 1)); [ $t -gt 0 ] || return 1; sleep 0.2; done
}

bridge() {
  local owner
  if ip link show $BRIDGE >/dev/null 2>&1; then
    owner=$(cat /sys/class/net/$BRIDGE/ifalias 2>/dev/null)
    [ "$owner" != "$LAB" ] || return 0
    ! lives "$owner" || die "the bridge $BRIDGE belongs to the lab in $owner, which runs: one lab a machine; LAB=$owner $0 stop"
    say "clearing what is left of the lab in $owner, whose processes are gone"
    (LAB=$owner NODES=$owner/nodes; stop)
  fi
  ip link add $BRIDGE type bridge; ip link set $BRIDGE alias "$LAB"; ip addr add $API/24 dev $BRIDGE; ip link set $BRIDGE up
}

lives() {  # LAB-DIRECTORY: does any process of that lab run?
  local f
  for f in "$1"/*.pid "$1"/nodes/*/pid; do if alive "$f" >/dev/null; then return 0; fi; done
  return 1
}

start() {  # 6 s; about 600 MB of memory
  machine
  [ -x "$BIN/hyperkube" ] || die "$BIN/hyperkube is missing: lab.sh build"
  bridge
  alive "$LAB/etcd.pid" >/dev/null || rm -rf "$LAB/etcd" "$LAB/log"  # a new cluster: old Nodes and events must not haunt it
  mkdir -p "$LAB/log" "$LAB/etcd"; pki
  # All workers have the base's host keys, so a client never has to believe a new one.
  sed "s/^/10.77.0.* /" "$LAB"/base/etc/ssh/ssh_host_*_key.pub >"$LAB/known_hosts"
  daemon etcd "$BIN/etcd" --data-dir "$LAB/etcd" --unsafe-no-fsync
  daemon apiserver "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --advertise-address=$API \
    --service-cluster-ip-range=10.96.0.0/16 --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
    --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy-client --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --service-account-key-file="$PKI/sa.key" --service-account-signing-key-file="$PKI/sa.key" --service-account-issuer=https://kubernetes.default.svc \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --kubelet-client-certificate="$PKI/admin.crt" --kubelet-client-key="$PKI/admin.key" \
    --kubelet-preferred-address-types=InternalIP --event-ttl=24h
  until_true 60 kubectl get --raw /readyz || die "the API server does not get ready; the end of $LAB/log/apiserver.log: $(tail -n 2 "$LAB/log/apiserver.log")"
  local grace=()
  # The monitor looks every 5 s by default; with a short grace period that alone would be a third of it.
  [ "$LAB_TIMING" = kubernetes ] || grace=(--node-monitor-grace-period="${NODE_GRACE}s" --node-monitor-period=2s)
  daemon kcm "$BIN/kube-controller-manager" --kubeconfig="$PKI/kcm.conf" --authentication-kubeconfig="$PKI/kcm.conf" --authorization-kubeconfig="$PKI/kcm.conf" \
    --root-ca-file="$PKI/ca.crt" --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" --service-account-private-key-file="$PKI/sa.key" \
    --use-service-account-credentials --leader-elect=false -v=2 ${grace[@]+"${grace[@]}"}
  daemon sched "$BIN/kube-scheduler" --kubeconfig="$PKI/sched.conf" --authentication-kubeconfig="$PKI/sched.conf" --authorization-kubeconfig="$PKI/sched.conf" --leader-elect=false
  # As kubeadm has it: nodes renew their own client certificates.
  objects <<Y || die "the API server does not take the lab's objects"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "kubeadm:node-autoapprove-certificate-rotation"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:nodes"}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
# A pod on every worker, with a host port: a node in use, with the chains that the CNI plugins leave behind. It has no Service, because
# a change of endpoints anywhere makes every kube-proxy write its chains again, and a flushed firewall would heal at random.
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: front, namespace: shop}
spec:
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      containers:
      - {name: front, image: "lab.example/front:1", imagePullPolicy: Never, ports: [{containerPort: 8080, hostPort: 8080}], resources: {requests: {memory: 16Mi, cpu: 10m}, limits: {memory: 64Mi}}}
Y
}
objects() {  # YAML on standard input; again while bootstrap roles and the like are still being made
  local yaml; yaml=$(cat)
  # shellcheck disable=SC2317  # called through until_true
  apply() { kubectl apply -f - <<<"$yaml"; }
  until_true 20 apply
}

# ---- workers ---------------------------------------------------------------------------------------------------------

leader() { local p; p=$(alive "$NODES/$1/pid") && pgrep -P "$p" | head -n 1; }  # NAME -> PID of the worker's systemd
inside() { local n=$1 p; shift; p=$(leader "$n") || { say "worker $n does not run"; return 1; }; nsenter -t "$p" -m -u -i -n -p -C -- "$@"; }

unit() {  # ROOT NAME: text on standard input
  cat >"$1/etc/systemd/system/$2.service"
  ln -sf "/etc/systemd/system/$2.service" "$1/etc/systemd/system/multi-user.target.wants/$2.service"
}

worker_root() {  # NAME OCTET: what a worker's root holds beyond the base; the kubelet as kubeadm and its Debian package install it
  local n=$1 addr=10.77.0.$2 cidr=10.244.$2.0/24 r=$NODES/$1/up s=$NODES/$1/seed p timing="" stamp
  mkdir -p "$r"/etc/{kubernetes/manifests,kubernetes/pki,containerd,default,systemd/system/multi-user.target.wants,systemd/system/kubelet.service.d,cni/net.d} \
    "$r"/{usr/bin,var/lib/kube-proxy} "$s/pki"
  [ -f "$PKI/$n.crt" ] || certificate "$n" "/O=system:nodes/CN=system:node:$n" "DNS:$n,IP:$addr"
  stamp=kubelet-client-$(date -u +%Y-%m-%d-%H-%M-%S).pem
  cat "$PKI/$n.crt" "$PKI/$n.key" >"$s/pki/$stamp"; chmod 600 "$s/pki/$stamp"; ln -sfn "/var/lib/kubelet/pki/$stamp" "$s/pki/kubelet-client-current.pem"
  cp "$PKI/ca.crt" "$r/etc/kubernetes/pki/ca.crt"; cp "$PKI/proxy.conf" "$r/var/lib/kube-proxy/kubeconfig"
  for p in kubelet kube-proxy; do ln -sf /opt/k8s/hyperkube "$r/usr/bin/$p"; done
  python3 -c 'import uuid; print(uuid.uuid4().hex)' >"$r/etc/machine-id"; echo "$n" >"$r/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$n" >"$r/etc/hosts"
  printf 'nameserver 10.77.0.1\n' >"$r/etc/resolv.conf"  # nobody answers there, and the kernel says so at once
  cat >"$r/etc/containerd/config.toml" <<T
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
T
  # What a CNI agent would write. Here before the kubelet's first look, so that a worker is Ready at once.
  cat >"$r/etc/cni/net.d/10-lab.conflist" <<J
{"cniVersion": "1.0.0", "name": "lab", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$cidr"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
J
  # The lease is renewed every quarter of its duration. nodeStatusReportFrequency would follow nodeStatusUpdateFrequency if left out,
  # and real nodes have old heartbeats beside a fresh Lease. runtimeRequestTimeout, because a kubelet asks the runtime for its version
  # before it posts its status: while the runtime hangs, Ready stays True for that time (2 min by default), with no word in its journal.
  [ "$LAB_TIMING" = kubernetes ] || timing="nodeStatusUpdateFrequency: 4s
nodeStatusReportFrequency: 5m
nodeLeaseDurationSeconds: 12
runtimeRequestTimeout: 15s"
  cat >"$s/config.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}, webhook: {enabled: true}, anonymous: {enabled: false}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
failCgroupV1: false
failSwapOn: false
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
$timing
Y
  echo "KUBELET_KUBEADM_ARGS=\"--hostname-override=$n --node-ip=$addr\"" >"$s/kubeadm-flags.env"
  cat >"$r/etc/kubernetes/kubelet.conf" <<Y
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://$API:6443", certificate-authority: /etc/kubernetes/pki/ca.crt}}]
users: [{name: "system:node:$n", user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem, client-key: /var/lib/kubelet/pki/kubelet-client-current.pem}}]
contexts: [{name: lab, context: {cluster: lab, user: "system:node:$n"}}]
current-context: lab
Y
  # A kubelet writes these kernel settings, here read-only because they would be the whole machine's; it is content if it finds them so.
  mkdir -p "$r/usr/lib/lab"; echo 1 >"$r/usr/lib/lab/overcommit_memory"; echo 10 >"$r/usr/lib/lab/panic"; echo 1 >"$r/usr/lib/lab/panic_on_oops"
  unit "$r" lab-net <<U
[Unit]
Description=Address, default route and kernel settings of this worker
Before=network-online.target containerd.service kubelet.service
[Service]
Type=oneshot
RemainAfterExit=yes
# nspawn leaves the cgroup hierarchies read-only, and the kubelet makes its pods' cgroups in them.
ExecStart=/bin/sh -c 'for c in $CONTROLLERS; do mount -o remount,rw,bind /sys/fs/cgroup/\$c; done'
ExecStart=/bin/sh -c 'ip link set host0 up; ip addr replace $addr/24 dev host0; ip route replace default via $API'
ExecStart=/bin/sh -c 'cd /usr/lib/lab; mount --bind overcommit_memory /proc/sys/vm/overcommit_memory; for f in panic panic_on_oops; do mount --bind \$f /proc/sys/kernel/\$f; done'
[Install]
WantedBy=multi-user.target
U
  # Before the kubelet, or the pod that waits for this worker finds no pause image and the journal of a healthy node holds the failed pull.
  unit "$r" lab-images <<U
[Unit]
Description=Container images, because no registry can be reached
Requires=containerd.service
After=containerd.service
Before=kubelet.service
[Service]
Type=oneshot
ExecStart=/usr/bin/ctr -n k8s.io images import /opt/images.tar
[Install]
WantedBy=multi-user.target
U
  unit "$r" kubelet <<U
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10
[Install]
WantedBy=multi-user.target
U
  cat >"$r/etc/systemd/system/kubelet.service.d/10-kubeadm.conf" <<U
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet \$KUBELET_KUBECONFIG_ARGS \$KUBELET_CONFIG_ARGS \$KUBELET_KUBEADM_ARGS \$KUBELET_EXTRA_ARGS
U
  unit "$r" kube-proxy <<U
[Unit]
Description=kube-proxy
After=network-online.target
[Service]
ExecStart=/usr/bin/kube-proxy --kubeconfig=/var/lib/kube-proxy/kubeconfig --proxy-mode=iptables --cluster-cidr=10.244.0.0/16 --hostname-override=$n \
  --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
Restart=always
[Install]
WantedBy=multi-user.target
U
}

cgroup_of() { echo "/sys/fs/cgroup/$2/lab/$1"; }  # NAME CONTROLLER

boot() {  # NAME
  local n=$1 d=$NODES/$1 c f extra=() p
  mkdir -p "$d"/{up,work,root,var}
  mountpoint -q "$d/root" || mount -t overlay overlay -o "lowerdir=$LAB/base,upperdir=$d/up,workdir=$d/work" "$d/root" ||
    die "overlayfs does not mount on the file system of $LAB: set LAB to a directory on ext4 or xfs"
  # overlayfs does not stack, so the container's and the kubelet's state get an ext4 of their own, which can also really be full.
  [ -f "$d/var.img" ] || { truncate -s "${DISK:-3G}" "$d/var.img"; mkfs.ext4 -q "$d/var.img"; }
  mountpoint -q "$d/var" || mount -o loop "$d/var.img" "$d/var" || die "no loop device for $d/var.img"
  mkdir -p "$d"/var/{containerd,kubelet}; cp -rn "$d"/seed/. "$d"/var/kubelet/
  for c in $CONTROLLERS; do mkdir -p "$(cgroup_of "$n" "$c")"; done
  for f in cpus mems; do for c in lab "lab/$n"; do cat /sys/fs/cgroup/cpuset/cpuset.$f >"/sys/fs/cgroup/cpuset/$c/cpuset.$f"; done; done
  echo "${MEM:-2G}" >"$(cgroup_of "$n" memory)/memory.limit_in_bytes"; echo "${PIDS:-2000}" >"$(cgroup_of "$n" pids)/pids.max"
  for p in ${LAB_PYTHONS//:/ }; do extra+=(--bind-ro="$p"); done
  ( for c in $CONTROLLERS; do echo $BASHPID >"$(cgroup_of "$n" "$c")/cgroup.procs"; done
    # unshare -C before setsid: the worker's cgroup root is its own directory, so paths inside look as on a machine.
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 exec unshare -C setsid systemd-nspawn --quiet --directory="$d/root" --machine="$n" --boot --register=no --keep-unit \
      --network-veth --network-bridge=$BRIDGE --capability=all --resolv-conf=off --timezone=off --bind=/dev/kmsg --bind=/dev/fuse --bind-ro="$BIN:/opt/k8s" \
      --bind-ro="$LAB/images.tar:/opt/images.tar" \
      --bind="$d/var/containerd:/var/lib/containerd" --bind="$d/var/kubelet:/var/lib/kubelet" ${extra[@]+"${extra[@]}"} \
      --system-call-filter='@system-service @mount @keyring bpf @module @raw-io @swap @clock perf_event_open' >"$d/console.log" 2>&1 </dev/null 9>&- ) &
  remember "$d/pid" $!
  # shellcheck disable=SC2317  # called through until_true
  booted() { inside "$n" systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded|starting'; }
  until_true 30 booted || die "worker $n does not boot; the end of $d/console.log: $(tail -n 3 "$d/console.log")"
  ip link set "vb-$n" up master $BRIDGE
}

worker() {  # NAME OCTET [ZONE]: about 5 s to Ready with a running pod
  local n=$1 octet=$2 zone=${3:-lab-a} d=$NODES/$1
  [[ $n =~ ^[a-z][a-z0-9]{0,7}$ ]] || die "a worker's name has 1 to 8 small letters and digits, because its interface is called vb-NAME"
  [[ $octet =~ ^[1-9][0-9]{0,2}$ && $octet -gt 1 && $octet -lt 255 ]] || die "OCTET is the last number of the worker's address, 2 to 254, not $octet"
  alive "$LAB/apiserver.pid" >/dev/null || die "the control plane does not run: lab.sh start"
  if ! leader "$n" >/dev/null; then
    cut_power "$n"; mkdir -p "$d"; printf '%s %s\n' "$octet" "$zone" >"$d/place"
    node_object "$n" "$octet" "$zone"; worker_root "$n" "$octet"; boot "$n"
  fi
  kubectl wait --for=condition=Ready "node/$n" --timeout=60s >/dev/null || die "node $n does not get Ready: lab.sh exec $n journalctl -u kubelet -n 30"
  # shellcheck disable=SC2317  # called through until_true
  front() { kubectl -n shop wait pod -l app=front --field-selector "spec.nodeName=$n" --for=condition=Ready --timeout=2s; }
  until_true 40 front || die "pod shop/front on $n does not get Ready: lab.sh kubectl -n shop get pods -o wide"
}

node_object() {  # NAME OCTET ZONE: made before the kubelet registers, so that its pod range is known before it boots
  # With the condition that the controller manager would give a node nobody has reported: a kubelet complains of a Node without one.
  kubectl get node "$1" >/dev/null 2>&1 || kubectl create -f - >/dev/null <<Y || die "the API server does not take the Node $1"
apiVersion: v1
kind: Node
metadata: {name: $1, labels: {topology.kubernetes.io/zone: $3}}
spec: {podCIDR: 10.244.$2.0/24, podCIDRs: [10.244.$2.0/24]}
status: {conditions: [{type: Ready, status: "Unknown", reason: NodeStatusNeverUpdated, message: Kubelet never posted node status.}]}
Y
}

cut_power() {  # NAME: nothing of a running worker is left but its files
  local n=$1 d=$NODES/$1 p c i
  if p=$(leader "$n"); then kill -KILL "$p" 2>/dev/null || true; fi  # the end of PID 1 is the end of all in its PID namespace
  for i in $(seq 100); do alive "$d/pid" >/dev/null || break; [ "$i" != 60 ] || kill -KILL "$(alive "$d/pid")" 2>/dev/null || true; sleep 0.1; done
  rm -f "$d/pid"
  for p in var root; do
    for _ in $(seq 50); do mountpoint -q "$d/$p" || break; umount "$d/$p" 2>/dev/null || sleep 0.1; done
    ! mountpoint -q "$d/$p" || die "$d/$p cannot be unmounted: $(umount "$d/$p" 2>&1)"
  done
  for c in $CONTROLLERS; do
    c=$(cgroup_of "$n" "$c")
    for _ in $(seq 50); do [ -d "$c" ] || break; find "$c" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1; done
    [ ! -d "$c" ] || die "$c cannot be removed: processes $(find "$c" -name cgroup.procs -exec cat {} + | tr '\n' ' ')"
  done
}

fresh() {  # NAME
  local n=$1 octet zone
  [ -f "$NODES/$n/place" ] || die "no worker $n was made: lab.sh worker $n OCTET"
  read -r octet zone <"$NODES/$n/place"
  cut_power "$n"; rm -rf --one-file-system "${NODES:?}/$n"
  # Its past goes from the API as well: with the old Node, the kubelet would report a reboot.
  kubectl delete node "$n" --ignore-not-found >/dev/null
  kubectl delete pods -A --field-selector "spec.nodeName=$n" --force --grace-period=0 >/dev/null 2>&1
  kubectl delete events --field-selector "involvedObject.kind=Node,involvedObject.name=$n" >/dev/null
  # The DaemonSet controller waits longer and longer before it replaces a failed (evicted) pod of one node and one generation
  # of the DaemonSet; any change of its spec ends that. This one restarts no pod.
  kubectl -n shop patch daemonset front -p "{\"spec\": {\"revisionHistoryLimit\": $((RANDOM + 1))}}" >/dev/null
  worker "$n" "$octet" "$zone"
}

up() {
  start
  local p pids=()
  # At once: most of it is waiting. 9>&- and the like are the daemons' business; wait reports the first that failed.
  worker w1 11 lab-a & pids+=($!); worker w2 12 lab-a & pids+=($!); worker w3 13 lab-b & pids+=($!)
  for p in "${pids[@]}"; do wait "$p" || die "not all workers got Ready; the reason is above"; done
}

inventory() {
  local d octet zone
  echo "workers:"
  echo "  hosts:"
  for d in "$NODES"/*/place; do
    [ -f "$d" ] || continue
    read -r octet zone <"$d"; d=$(basename "$(dirname "$d")")
    echo "    $d: {ansible_host: 10.77.0.$octet}"
  done
  cat <<Y
  vars:
    ansible_user: root
    ansible_ssh_private_key_file: "$LAB/ssh_key"
    ansible_ssh_common_args: "-o UserKnownHostsFile='$LAB/known_hosts' -o StrictHostKeyChecking=accept-new -o KexAlgorithms=curve25519-sha256"
    ansible_python_interpreter: /usr/bin/python3
Y
}

stop() {
  local n d c
  for d in "$NODES"/*/; do [ -d "$d" ] || continue; n=$(basename "$d"); cut_power "$n"; rm -rf --one-file-system "${NODES:?}/$n"; done
  for n in sched kcm apiserver etcd; do end $n; done
  rm -rf "$LAB/etcd" "$LAB/known_hosts"
  for c in $CONTROLLERS; do [ ! -d "/sys/fs/cgroup/$c/lab" ] || find "/sys/fs/cgroup/$c/lab" -depth -type d -exec rmdir {} + || true; done
  if [ "$(cat /sys/class/net/$BRIDGE/ifalias 2>/dev/null)" = "$LAB" ]; then ip link del $BRIDGE; fi
}

mine() {  # whoever holds the lab (lab.py: pytest, faults.py, record.py) has it alone; the holder's own calls say so with LAB_HELD
  [ -n "${LAB_HELD:-}" ] || [ ! -e "$LAB/in-use" ] || flock -n "$LAB/in-use" true ||
    die "the lab in $LAB is in use by process $(cat "$LAB/in-use")"
}

usage() { sed -n '/^#   lab.sh/,/^#   MEM/s/^# \{0,3\}//p' "$0" >&2; exit 2; }
command=${1:-}; [ $# -eq 0 ] || shift
case $command in
  build|inventory) [ $# -eq 0 ] || usage; $command ;;
  start|up|stop) [ $# -eq 0 ] || usage; mine; $command ;;
  down) [ $# -eq 0 ] || usage; mine; stop ;;
  worker) [ $# -eq 2 ] || [ $# -eq 3 ] || usage; mine; worker "$@" ;;
  fresh) [ $# -eq 1 ] || usage; mine; fresh "$1" ;;
  off) [ $# -eq 1 ] || usage; mine; cut_power "$1" ;;
  exec) [ $# -gt 1 ] || usage; inside "$@" ;;
  kubectl) kubectl "$@" ;;
  *) usage ;;
esac
