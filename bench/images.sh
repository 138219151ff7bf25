#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the benchmark images from real distributions and packages, as root, on
# Debian: a Docker archive (uncompressed layers) and an OCI archive (gzip
# layers) of each, in DIR. Needs debootstrap, docker, skopeo, npm.
#   bench/images.sh DIR [npm|jars|go|desktop ...]
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
want=${*:-npm jars go desktop}
suite=${SUITE:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

chrooted() { # NAME PACKAGES...: a root file system with packages installed
	local root=$work/$1
	shift
	debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
	if [ $# -gt 0 ]; then
		printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
		chmod +x "$root/usr/sbin/policy-rc.d"
		# The Java packages want /proc; in a name space of its own it is gone with
		# the last process, whatever happens.
		DEBIAN_FRONTEND=noninteractive unshare --mount --pid --fork --kill-child sh -c '
			mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot "$root" apt-get install -y -q --no-install-recommends "$@"
		' sh "$root" "$@" >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
		rm "$root/usr/sbin/policy-rc.d"
	fi
	rm -rf "$root"/var/cache/apt/archives/*.deb
	rm -rf "$root"/var/lib/apt/lists/*
}

image() { # NAME: two layers, the root file system and then app/ and srv/
	local name=$1 root=$work/$1
	tar -C "$root" --exclude=./app -c . | docker import - "bench/$name:root" >/dev/null
	mkdir -p "$root/app"
	tar -C "$root" -cf "$work/app.tar" app
	printf 'FROM bench/%s:root\nADD app.tar /\nUSER 1000\nCMD ["/bin/sh"]\n' "$name" >"$work/Dockerfile"
	DOCKER_BUILDKIT=0 docker build -q -t "bench/$name:latest" -f "$work/Dockerfile" "$work" >/dev/null
	docker save -o "$out/$name.tar" "bench/$name:latest"
	rm -f "$out/$name.oci.tar" "$work/app.tar"
	skopeo copy -q "docker-archive:$out/$name.tar" "oci-archive:$out/$name.oci.tar:latest"
	docker rmi -f "bench/$name:latest" "bench/$name:root" >/dev/null
	rm -rf "$root"
	ls -l "$out/$name.tar" "$out/$name.oci.tar"
}

for name in $want; do
	case $name in
	npm)
		chrooted npm nodejs
		mkdir -p "$work/npm/app"
		(cd "$work/npm/app" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund --ignore-scripts \
			express@4 webpack@5 eslint@8 jest@29 @babel/core@7 @babel/preset-env@7 lodash@4 axios@1 next@14 react@18 react-dom@18 typescript@5)
		image npm
		;;
	jars)
		chrooted jars openjdk-17-jre-headless maven ant libspring-web-java libspring-orm-java libtomcat10-java libhibernate3-java \
			liblucene4.10-java libjetty9-java groovy ivy libnetty-java libbatik-java libjackson2-databind-java
		image jars
		;;
	go)
		chrooted go docker.io containerd podman skopeo buildah golang-go
		image go
		;;
	desktop)
		chrooted desktop task-gnome-desktop gnome-core libreoffice chromium default-jdk build-essential texlive-latex-extra inkscape gimp kde-standard
		image desktop
		;;
	*) echo "bench/images.sh: no image is called $name: npm, jars, go, desktop" >&2; exit 2 ;;
	esac
done
