# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2086,SC2154  # options are split; MARK, since and about come from controller_manager.py
#
# The controller manager's flag and its lines about some nodes, by a POSIX shell on a host of the control plane. Writes nothing.
# MARK: letters and digits; since: epoch seconds; about: -e NODE ..., as grep takes it.
# Output: what is known of the flag, @MARK log, the lines, @MARK done

PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/bin
LC_ALL=C
export PATH LC_ALL
unset -v BASH_ENV ENV
set +e +u

limit='timeout 10'
timeout 1 true 2>/dev/null || limit='timeout -t 10'
command -v timeout >/dev/null 2>&1 || limit=

# A program that runs, by its own name; the files of kubeadm and alike, k3s and RKE2, microk8s
{
  for file in $($limit grep -a -s -l node-monitor-grace-period /proc/[0-9]*/cmdline); do
    case $(cat "${file%cmdline}comm" 2>/dev/null) in
      kube-controller|hyperkube|k3s*|rke2*|k0s*|kubelite) tr '\0' ' ' <"$file"; echo ;;
    esac
  done
  $limit grep -h -s node-monitor-grace-period /etc/kubernetes/manifests/kube-controller-manager.yaml /var/lib/rancher/rke2/agent/pod-manifests/kube-controller-manager.yaml \
    /etc/rancher/k3s/config.yaml /etc/rancher/rke2/config.yaml /var/snap/microk8s/current/args/kube-controller-manager
} 2>/dev/null | head -n 1 | cut -c1-4000

echo "@$MARK log"
units='-u kube-controller-manager -u k3s -u k3s-server -u snap.microk8s.daemon-kubelite -u snap.microk8s.daemon-controller-manager -u k0scontroller'
{
  $limit journalctl -q --no-pager -o short-unix --since "@$since" $units 2>/dev/null ||
    $limit journalctl -q --no-pager -o short-iso --since "@$since" $units 2>/dev/null  # systemd 219
  $limit cat /var/log/pods/kube-system_kube-controller-manager-*/kube-controller-manager/*.log /var/log/kube-controller-manager.log \
    /var/log/kubernetes/kube-controller-manager*.log /var/log/kube-controller-manager/*.log 2>/dev/null
} | grep -a -F $about -e 'Controller detected that' | tail -c 1048576
echo "@$MARK done"
