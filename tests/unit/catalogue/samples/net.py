# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "net.no_default_route": {
        "hits": [
            ("kubelet 1.24", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:1] \"Failed to set some node status fields\" err=\"can't get ip address of node w2. error: no default routes found in \\\"/proc/net/route\\\" or \\\"/proc/net/ipv6_route\\\"\" node=\"w2\""),
            ("flanneld 0.20", "any", "E1123 02:13:07.100000       1 main.go:320] Failed to find any valid interface to use: failed to get default interface: Unable to find default route"),
            ("flanneld 0.22", "any", "E1123 02:13:07.100000       1 main.go:364] Failed to find any valid interface to use: failed to get default interface: unable to find default v4 route"),
        ],
        "misses": [("flanneld 0.22", "any", "I1123 02:13:07.100000       1 match.go:73] Searching for interface using default route")],
    },
    "net.name_servers_missing": {
        "hits": [
            ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:144] failed to ensure lease exists, will retry in 7s, error: Get \"https://api.example.com:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\": dial tcp: lookup api.example.com on [::1]:53: read udp [::1]:36112->[::1]:53: read: connection refused"),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"dial tcp: lookup registry.example.com on 127.0.0.53:53: read udp 127.0.0.1:44444->127.0.0.53:53: read: connection refused\""),
        ],
        "misses": [("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:144] dial tcp: lookup api.example.com on 10.0.0.2:53: no such host")],
    },
    "net.metadata_unreachable": {
        "hits": [
            ("kubelet 1.14, AWS", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:273] failed to run Kubelet: could not init cloud provider \"aws\": error finding instance: Get http://169.254.169.254/latest/meta-data/instance-id: dial tcp 169.254.169.254:80: connect: no route to host"),
            ("kubelet 1.28, credential helper", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 plugin.go:1] Get \"http://169.254.169.254/computeMetadata/v1/instance/service-accounts/\": dial tcp 169.254.169.254:80: i/o timeout"),
        ],
        "misses": [("cloud-init 23", "any", "Nov 23 02:13:07 w2 cloud-init[501]: DataSourceEc2.py: Fetching Ec2 IMDSv2 API Token from http://169.254.169.254/latest/api/token")],
    },
    "net.firewall_reloaded": {
        "hits": [
            ("systemd 219", "systemd", "Nov 23 02:13:07 w2 systemd[1]: Started firewalld - dynamic firewall daemon."),
            ("systemd 252", "systemd", "Nov 23 02:13:07 w2 systemd[1]: Reloaded firewalld.service - firewalld - dynamic firewall daemon."),
            ("systemd 239", "systemd", "Nov 23 02:13:07 w2 systemd[1]: Started Netfilter Tables."),
            ("systemd 252", "systemd", "Nov 23 02:13:07 w2 systemd[1]: Finished nftables.service - nftables."),
        ],
        "misses": [("systemd 252", "systemd", "Nov 23 02:13:07 w2 systemd[1]: Starting nftables.service - nftables...")],
    },
    "net.interfaces_managed": {
        "hits": [
            ("NetworkManager 1.30", "any", "Nov 23 02:13:07 w2 NetworkManager[601]: <info>  [1795400000.1] device (cali0a1b2c3d4e5): state change: unmanaged -> unavailable (reason 'managed', sys-iface-state: 'external')"),
            ("NetworkManager 1.0", "any", "Nov 23 02:13:07 w2 NetworkManager[601]: <info>  (cali0a1b2c3d4e5): device state change: disconnected -> prepare (reason 'none') [30 40 0]"),
        ],
        "misses": [
            ("NetworkManager 1.30", "any", "Nov 23 02:13:07 w2 NetworkManager[601]: <info>  [1795400000.1] device (cali0a1b2c3d4e5): carrier: link connected"),
            ("NetworkManager 1.30", "any", "Nov 23 02:13:07 w2 NetworkManager[601]: <info>  [1795400000.1] device (eth0): state change: prepare -> config (reason 'none')"),
        ],
    },
}
