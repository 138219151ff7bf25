// SPDX-License-Identifier: Apache-2.0

package shell

import "strings"

// valuedOptions are the options that take the next word as their value, by
// program; from their manuals.
var valuedOptions = func() map[string][]string {
	out := map[string][]string{}
	for _, line := range []struct{ names, options string }{
		{"apt-get apt aptitude apt-cache", "-o -c -t -a --option --config-file --target-release --default-release --host-architecture --build-profiles -P"},
		{"apk", "-p -X -t --root --repository --virtual --arch --keys-dir --repositories-file --wait --cache-dir --cache-max-age --progress-fd"},
		{"yum dnf dnf5 microdnf tdnf", "-c -d -e -R -x --config --releasever --setopt --enablerepo --disablerepo --enable-repo --disable-repo --repo --repoid --exclude --installroot --disableplugin --enableplugin --forcearch --advisory --comment --disableexcludes --repofrompath --rpmverbosity --errorlevel --debuglevel --randomwait --nogpgcheckfor --destdir --downloaddir --arch --archlist"},
		{"zypper", "-c -p -R -D -C -r -t --config --root --reposd-dir --cache-dir --raw-cache-dir --solv-cache-dir --pkg-cache-dir --plus-repo --disable-repositories --installroot --releasever --repo --from --type --name --capability"},
		{"pip pip3 pip2 uv", "-r -c -e -t -i -f -d -w --requirement --constraint --editable --target --platform --python-version --implementation --abi --prefix --root --src --upgrade-strategy --install-option --global-option --config-settings --index-url --extra-index-url --find-links --no-binary --only-binary --progress-bar --report --log --proxy --retries --timeout --exists-action --trusted-host --cert --client-cert --cache-dir --python --use-feature --use-deprecated --dest --wheel-dir --requirements --constraints --override --overrides --index --default-index --keyring-provider --resolution --prerelease --exclude-newer --link-mode --index-strategy --refresh-package --reinstall-package --upgrade-package --build-constraints --directory --project --config-file --extra --group --package"},
		{"npm npx", "-w --prefix --registry --cache --userconfig --globalconfig --loglevel --workspace --omit --include --tag --before --location --install-strategy --script-shell --fetch-retries --fetch-timeout --network-timeout --maxsockets"},
		{"yarn", "--cwd --registry --cache-folder --modules-folder --network-timeout --network-concurrency --preferred-cache-folder --use-yarnrc --mutex --otp --tag --mode"},
		{"pnpm", "-C -F --dir --filter --store-dir --registry --loglevel --reporter --network-concurrency --prefix --global-dir --virtual-store-dir"},
		{"gem", "-v -i -n -s -p -P -t -B -g --version --install-dir --bindir --source --http-proxy --platform --document --trust-policy --file --config-file --target-rbconfig --build-root"},
		{"bundle bundler", "-j --jobs --path --gemfile --without --with --retry --trust-policy --binstubs --shebang --standalone --target-rbconfig"},
		{"go", "-C -o -p -mod -tags -ldflags -gcflags -asmflags -modfile -overlay -toolexec -exec -buildmode -compiler -pkgdir"},
		{"cargo", "-j -p -F -Z -C --version --vers --git --branch --tag --rev --path --root --index --registry --bin --example --features --target --target-dir --jobs --profile --manifest-path --color --config --message-format --package"},
		{"curl", "-o -d -H -X -u -A -b -c -e -E -F -K -m -T -w -x -y -Y -z -C -D -r -Q -t -U -P --output --data --data-raw --data-binary --data-urlencode --header --request --user --user-agent --cookie --cookie-jar --referer --cert --form --config --max-time --upload-file --write-out --proxy --retry --retry-delay --retry-max-time --connect-timeout --cacert --capath --key --range --resolve --interface --output-dir --url --proto --ciphers --limit-rate --proxy-user --netrc-file --continue-at --dump-header --cert-type --key-type --pass --max-redirs --dns-servers --oauth2-bearer --proto-redir --proto-default --max-filesize --unix-socket --stderr --trace --trace-ascii"},
		{"wget wget2", "-O -o -a -P -e -t -T -w -Q -U -i -B -A -R -D -X -I -l --output-document --output-file --append-output --directory-prefix --execute --tries --timeout --wait --quota --user-agent --input-file --base --header --post-data --post-file --user --password --ca-certificate --certificate --private-key --referer --limit-rate --load-cookies --save-cookies --http-user --http-password --level --progress --secure-protocol --waitretry --connect-timeout --dns-timeout --read-timeout --method --body-data"},
		{"docker podman nerdctl buildah", "-f -t -v -e -p -u -w -h -l -m -c -a -H --file --tag --volume --env --env-file --publish --user --workdir --hostname --label --memory --cpus --network --net --name --entrypoint --mount --device --cap-add --cap-drop --security-opt --pid --ipc --uts --userns --build-arg --secret --ssh --target --platform --cache-from --cache-to --output --progress --builder --iidfile --add-host --password --username --host --context --config --tlscacert --tlscert --tlskey --log-level --restart --ulimit --tmpfs --link --expose --dns --log-driver --log-opt --runtime --shm-size --gpus --group-add --cgroup-parent --cgroupns --stop-signal --health-cmd --isolation --build-context --attest --metadata-file --allow --annotation --storage-driver --root --authfile --cert-dir --creds --filter --format --driver --driver-opt --buildkitd-config --buildkitd-flags --label-file --volumes-from --cidfile --detach-keys"},
		{"executor", "-c -f -d --context --context-sub-path --dockerfile --destination --build-arg --target --cache-repo --cache-dir --cache-ttl --label --registry-mirror --registry-certificate --snapshot-mode --digest-file --image-name-with-digest-file --tar-path --oci-layout-path --verbosity -v --git --customPlatform --ignore-path --compression --insecure-registry --skip-tls-verify-registry --secret"},
		{"buildctl", "--addr --frontend --local --opt --output --secret --ssh --allow --export-cache --import-cache --metadata-file --progress --tlscacert --tlscert --tlskey"},
		{"rm mkdir", "-m --mode"},
		{"chmod chown chgrp", "--reference --from"},
		{"cp mv install ln", "-t -S -m -o -g --target-directory --suffix --mode --owner --group"},
		{"tar bsdtar", "-f -C -X -T -b -I --file --directory --exclude --exclude-from --files-from --strip-components --transform --use-compress-program --owner --group --mode"},
		{"useradd adduser groupadd addgroup usermod", "-u -g -G -d -s -c -h -k -K -e -f -b -p --uid --gid --groups --home --home-dir --shell --comment --ingroup --gecos --skel --key --expiredate --inactive --base-dir --password"},
		{"sudo", "-u -g -h -p -C -D -R -r -t -T -U --user --group --host --prompt --chdir --chroot --close-from --role --type --command-timeout --other-user"},
		{"su", "-c -s -g -G -w --command --shell --group --supp-group --whitelist-environment"},
		{"env", "-u -C -S --unset --chdir --split-string"},
		{"xargs", "-I -n -P -L -d -a -s -E --max-args --max-procs --max-lines --delimiter --arg-file --max-chars"},
		{"nice", "-n --adjustment"},
		{"ionice", "-c -n -p --class --classdata"},
		{"timeout", "-s -k --signal --kill-after"},
		{"stdbuf", "-i -o -e --input --output --error"},
		{"chroot", "--userspec --groups"},
		{"flock", "-w -E --timeout --wait --conflict-exit-code"},
		{"find", "-name -iname -path -ipath -type -user -group -perm -size -mtime -newer -maxdepth -mindepth -regex -exec -ok"},
		{"git", "-c -C -b -o --git-dir --work-tree --branch --depth --origin --config --reference --shallow-since --separate-git-dir --jobs --filter"},
		{"sh bash ash dash ksh zsh", "-o -O +o +O"},
		{"python python2 python3", "-c -m -W -X -Q"},
		{"update-alternatives", "--slave"},
		{"gpg gpg2", "--keyserver --homedir --output --keyserver-options --keyring --secret-keyring -o -u -r --recipient --local-user --default-key --passphrase"},
		{"conda mamba micromamba", "-n -p -c -f --name --prefix --channel --file --solver --repodata-fn --subdir --platform"},
		{"kubectl helm", "-n -f -l -o --namespace --filename --selector --output --kubeconfig --context --set --values --version --repo"},
		{"ssh scp rsync", "-i -p -P -o -F -l -e -J -L -R -D --rsh --exclude --include --chown --chmod"},
		{"openssl", "-in -out -subj -days -newkey -keyout -key -passin -passout -config -extensions"},
	} {
		options := strings.Fields(line.options)
		for name := range strings.FieldsSeq(line.names) {
			out[name] = options
		}
	}
	return out
}()

// singleDash are the programs whose long options have one dash.
var singleDash = map[string]bool{"go": true, "find": true, "openssl": true, "java": true, "javac": true, "terraform": true, "packer": true, "consul": true, "vault": true}
