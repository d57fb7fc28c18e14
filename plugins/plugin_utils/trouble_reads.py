# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of nodes in trouble: their VolumeAttachments and the certificates that their kubelets wait for."""

import base64
import binascii
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of, text_of, time
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import ATTACHMENTS, CSRS, PAGE, items

_PAGES = 4
_KEPT = 50  # of each kind, in a view
_ERROR = 300  # characters of a driver's message


def read(reads, views):
    """Fill volume_attachments and csrs; what cannot be read becomes one line of not_checked."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_read, reads, views, ATTACHMENTS, "VolumeAttachments", _attachments),
                pool.submit(_read, reads, views, CSRS, "certificate signing requests", _csrs)]
    for job in jobs:
        job.result()


def _read(reads, views, kind, what, fill):
    try:
        for number, page in enumerate(reads.pages(kind.path), 1):
            for view in views:
                fill(view, items(page))
            if number == _PAGES and dict_of(page, "metadata").get("continue"):
                raise ReadFailed("of a list only the first %d are read" % (_PAGES * PAGE), 0)
    except (ReadFailed, ClusterError) as error:
        for view in views:
            view["not_checked"].append({"what": what, "why": str(error)})


def _attachments(view, found):
    for item in found:
        spec, status = dict_of(item, "spec"), dict_of(item, "status")
        if text_of(spec, "nodeName") != view["name"] or len(view["volume_attachments"]) >= _KEPT:
            continue
        error = text_of(dict_of(status, "attachError"), "message") or text_of(dict_of(status, "detachError"), "message")
        view["volume_attachments"].append({
            "name": text_of(dict_of(item, "metadata"), "name"), "pv": text_of(dict_of(spec, "source"), "persistentVolumeName"),
            "attached": status.get("attached") is True, "error": error[:_ERROR] if error else None})


def _csrs(view, found):
    for item in found:
        status, spec, meta = dict_of(item, "status"), dict_of(item, "spec"), dict_of(item, "metadata")
        if status.get("conditions") or status.get("certificate") or len(view["csrs"]) >= _KEPT:
            continue
        user = "system:node:" + view["name"]
        if text_of(spec, "username") == user or _asks_for(spec.get("request"), user):
            view["csrs"].append({"name": text_of(meta, "name"), "signer": text_of(spec, "signerName"),
                                 "created": time(meta.get("creationTimestamp"))})


def _asks_for(request, user):
    """Is the common name of a request (base64 of PEM of DER) this one? A DER string has its length before it."""
    try:
        pem = base64.b64decode(request or "").decode("ascii")
        der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    except (TypeError, ValueError, binascii.Error):
        return False
    return len(user) < 128 and bytes([len(user)]) + user.encode() in der
