// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"fmt"
	"strings"
	"testing"
)

func TestUses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"apt-get update", "apt-get update no"},
		{"apt-get install -y --no-install-recommends -t sid curl=7.* git=1:2.3-1 vim/sid ./x.deb $PKG jq=${V}", "apt-get install yes curl=7.*:range git=1:2.3-1:exact vim=sid:range ./x.deb=:local =:unknown jq=${V}:unknown"},
		{"apt-get -qq install a", "apt-get install yes a=:none"},
		{"apt -q=2 install a", "apt install yes a=:none"},
		{"apt-get -q install a", "apt-get install no a=:none"},
		{"sudo apt-get install a-$(uname -r)", "apt-get install no =:unknown"},
		{"apk add --no-cache -U --virtual .deps -t .b curl=8.1-r0 bash~5 git~=2.4 jq@edge zlib>1", "apk install yes nocache curl=8.1-r0:exact bash=5:range git=2.4:range jq=edge:none zlib=:none"},
		{"apk add 'zlib>1'", "apk install yes zlib=1:range"},
		{"yum install -y curl-7.61.1-33.el8 java-11-openjdk python3 https://example.com/x.rpm gcc-c++ nodejs-16.*", "yum install yes curl=7.61.1-33.el8:exact java-11-openjdk=:none python3=:none https://example.com/x.rpm=:url gcc-c++=:none nodejs=16.*:range"},
		{"dnf -y --setopt=x=y module install nodejs:18", "dnf install yes nodejs:18=:none"},
		{"microdnf update", "microdnf upgrade no"},
		{"zypper -n in --no-recommends curl=8.0 'git>=2'", "zypper install yes curl=8.0:exact git=2:range"},
		{"pip install --no-cache-dir -r requirements.txt 'django==4.2' flask~=2 requests . git+https://example.com/a/b@v1.2 'x[y]==1.*'", "pip install yes nocache django=4.2:exact flask=2:range requests=:none .=:local git+https://example.com/a/b@v1.2=v1.2:exact x[y]=1.*:range files=requirements.txt"},
		{"python3 -m pip install --index-url https://example.com/simple/ -U pip", "pip install yes pip=:none"},
		{"uv pip install --system ruff==0.4", "uv install yes ruff=0.4:exact"},
		{"npm ci --omit dev", "npm sync yes locked"},
		{"npm install", "npm sync yes"},
		{"npm i -g typescript@5.4.2 @x/y@^1 @x/z eslint@latest a/b#v1.0.0 c/d", "npm install yes global typescript=5.4.2:exact @x/y=^1:range @x/z=:none eslint=latest:none a/b#v1.0.0=v1.0.0:exact c/d=:range"},
		{"yarn", "yarn sync yes"},
		{"yarn install --frozen-lockfile", "yarn sync yes locked"},
		{"yarn global add serve@14.0.0", "yarn install yes global serve=14.0.0:exact"},
		{"gem install bundler -v 2.4.1 && gem install rake:13.0.6 rails", "gem install yes bundler=2.4.1:exact|gem install yes rake=13.0.6:exact rails=:none"},
		{"bundle install --jobs 4", "bundle sync yes"},
		{"go install example.com/x/cmd@latest example.com/y@v1.2.3 ./cmd/z example.com/w@v1", "go install yes example.com/x/cmd=latest:none example.com/y=v1.2.3:exact ./cmd/z=:local example.com/w=v1:range"},
		{"go build ./...", "go other yes"},
		{"cargo install --locked ripgrep --version 14.1.0 --root /x", "cargo install yes locked ripgrep=14.1.0:exact"},
		{"cargo install a@1.2.3 b", "cargo install yes a=1.2.3:exact b=:none"},
		{"yum clean all; pip cache purge; npm cache clean --force", "yum clean no|pip clean yes|npm clean yes"},
		{"python3 setup.py install", ""},
	} {
		s, err := Parse(tt.text, POSIX)
		if err != nil {
			t.Fatal(tt.text, err)
		}
		var all []string
		for _, u := range s.Uses() {
			got := u.Manager + " " + u.Action.String() + map[bool]string{true: " yes", false: " no"}[u.Yes]
			if u.NoCache {
				got += " nocache"
			}
			if u.Locked {
				got += " locked"
			}
			if u.Global {
				got += " global"
			}
			for _, p := range u.Packages {
				got += fmt.Sprintf(" %s=%s:%s", p.Name, p.Version, p.Pin)
			}
			for _, f := range u.Files {
				got += " files=" + f.Text
			}
			all = append(all, got)
		}
		if got := strings.Join(all, "|"); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func TestCleans(t *testing.T) {
	for text, want := range map[string]string{
		"rm -rf /var/lib/apt/lists/*": "apt", "rm -fr /var/lib/apt/lists": "apt", "rm -rf /var/lib/apt": "apt", "rm -rf /var": "", "rm -rf /tmp/*": "", "apt-get clean": "",
		"apt-get distclean": "apt", "yum clean all": "yum", "dnf clean all": "yum", "yum clean metadata": "", "zypper cc -a": "zypper", "rm -rf /var/cache/apk/*": "apk",
		"npm cache clean --force": "npm", "yarn cache clean": "yarn", "pip cache purge": "pip", "rm -rf ~/.cache/pip": "pip", "go clean -modcache": "go", "find /var/lib/apt/lists -type f -delete": "apt",
		"pnpm store prune": "pnpm",
	} {
		s, err := Parse(text, POSIX)
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range []string{"apt", "yum", "apk", "zypper", "npm", "pip", "yarn", "go", "pnpm"} {
			if got := s.Commands[0].Cleans(family); got != (family == want) {
				t.Errorf("%s cleans %s: %v", text, family, got)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"apt-get install -y a=1 && sh -c 'b | c' <<X\n$(d)\nX\n", "x=(a b) ${a[1]:-$(b)} $'a\\x41' {a,b{c,d}}", "env A=b sudo -u x timeout 5 pip install -r x y==1", "if a; then b; else c & fi", "[[ a =~ b ]] && ((1+$(x)))", "cd x\necho \"a\\nb\" $(ls *.x) `y`", "function f { local x=$1; read y; }", "yum install a-1.2-3 @b; npm i @a/b@c d#e; go install a@b; gem install x:y"} {
		f.Add(s, byte(0))
		f.Add(s, byte(1))
	}
	f.Fuzz(func(t *testing.T, text string, d byte) {
		s, err := Parse(text, Dialect(d%4))
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		in := func(sp Span) {
			if sp.Line < 1 || sp.Column < 1 || sp.Line > lines || sp.EndLine < sp.Line || sp.EndLine == sp.Line && sp.EndColumn < sp.Column {
				t.Fatalf("%q: %+v", text, sp)
			}
		}
		for _, fd := range s.Findings(nil) {
			in(fd.Span)
			if _, ok := Explain(fd.Code); !ok {
				t.Fatalf("%s is not explained", fd.Code)
			}
		}
		for i := range s.Commands {
			c := &s.Commands[i]
			in(c.Span)
			if c.Pipe.Index < 0 || c.Pipe.Index >= c.Pipe.Length {
				t.Fatalf("%+v", c.Pipe)
			}
			for j := range c.Args {
				in(c.Args[j].Span)
			}
			c.Has("-y")
			c.Cleans("apt")
		}
		for _, u := range s.Uses() {
			for _, p := range u.Packages {
				if p.Pin == PinNone && p.Word.Text == "" && p.Name != "" {
					t.Fatalf("%+v", p)
				}
			}
		}
	})
}
