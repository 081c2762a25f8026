#!/bin/sh
# A registry, a mirror that fetches from it, and one that is dead: what a pull makes of them.
# Needs lissom and docker-registry (Debian's package of that name). Everything is below a directory that is removed.
set -eu
here=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || :; wait; rm -rf "$here"' EXIT
registry=127.0.0.1:${REGISTRY_PORT:-5051} mirror=127.0.0.1:${MIRROR_PORT:-5052}

serve() { # NAME ADDRESS [MORE]
    printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s/%s}}\nhttp: {addr: "%s"}\n%s' \
        "$here" "$1" "$2" "${3:-}" > "$here/$1.yml"
    docker-registry serve "$here/$1.yml" > "$here/$1.log" 2>&1 &
    pids="$pids $!"
}
served() { until lissom --progress quiet tags "docker://$1/none" 2>&1 | grep -q 'NAME_UNKNOWN\|404'; do sleep 0.1; done; }

serve registry "$registry"
served "$registry"
serve mirror "$mirror" "proxy: {remoteurl: 'http://$registry'}"
served "$mirror"

export LISSOM_ROOT="$here/store"
head -c 8000000 /dev/urandom > "$here/data"
printf 'FROM scratch\nCOPY data /data\n' > "$here/Dockerfile"
lissom --progress quiet build -t "$registry/app:1" "$here"
lissom --progress quiet push "$registry/app:1"

# What a company or a cloud hands out: mirrors in order. Port 1 is nobody's.
export CONTAINERS_REGISTRIES_CONF="$here/registries.conf"
cat > "$here/registries.conf" <<END
[[registry]]
location = "$registry"
[[registry.mirror]]
location = "127.0.0.1:1"
[[registry.mirror]]
location = "$mirror"
insecure = true
END

set -x
lissom mirrors "$registry/app:1"
lissom mirrors test "$registry/app:1"
LISSOM_ROOT="$here/second" lissom --progress quiet pull -v "$registry/app:1"
kill "${pids% *}" # the registry is gone
LISSOM_ROOT="$here/third" lissom --progress quiet pull -v "$registry/app:1"
