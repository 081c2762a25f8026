"""A small image with a package of every kind, and one whose names are as odd as names may be."""

from __future__ import annotations

from java_files import jar

STATUS_D = "var/lib/dpkg/status.d"
SITE = "usr/lib/python3/dist-packages"

DEBIAN = {
    "usr/lib/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
    'HOME_URL="https://www.debian.org/"\n',
    f"{STATUS_D}/libc6": "Package: libc6\nSource: glibc\nVersion: 2.36-9+deb12u14\nArchitecture: amd64\n"
    "Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>\nDepends: libgcc-s1\n"
    "Homepage: https://www.gnu.org/software/libc/libc.html\nDescription: GNU C Library\n long text\n",
    f"{STATUS_D}/libc6.md5sums": "0123456789abcdef0123456789abcdef  usr/lib/libc.so.6\n",
    "usr/lib/libc.so.6": "libc",
    f"{STATUS_D}/libgcc-s1": "Package: libgcc-s1\nSource: gcc-12 (12.2.0-14)\nVersion: 12.2.0-14+b1\nArchitecture: amd64\n"
    "Maintainer: Jane Doe <jane@debian.org>\nDepends: libc6 (>= 2.35)\n",
    f"{STATUS_D}/python3-six": "Package: python3-six\nSource: six\nVersion: 1.16.0-4\nArchitecture: all\n",
    f"{STATUS_D}/python3-six.md5sums": f"0123456789abcdef0123456789abcdef  {SITE}/six-1.16.0.egg-info/PKG-INFO\n"
    f"0123456789abcdef0123456789abcdef  {SITE}/six.py\n",
    "usr/share/doc/python3-six/copyright": "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
    "\nFiles: *\nCopyright: x\nLicense: Expat\n\nFiles: debian/*\nLicense: custom-one\n",
    f"{SITE}/six-1.16.0.egg-info/PKG-INFO": "Metadata-Version: 1.2\nName: six\nVersion: 1.16.0\nLicense: MIT\n",
    f"{SITE}/six-1.16.0.egg-info/top_level.txt": "six\n",
    f"{SITE}/six.py": "",
}
APP = {
    "app/site-packages/flask-3.0.0.dist-info/METADATA": "Metadata-Version: 2.4\nName: Flask\nVersion: 3.0.0\n"
    "License-Expression: BSD-3-Clause\nRequires-Dist: six\nAuthor-email: Pallets <contact@palletsprojects.com>\n"
    "Project-URL: Homepage, https://flask.example/\nSummary: A framework\n\nbody\n",
    "app/site-packages/flask-3.0.0.dist-info/RECORD": "flask/__init__.py,,\n",
    "app/site-packages/flask/__init__.py": "",
    "app/package.json": '{"name": "my-app", "version": "0.1.0", "license": "ISC", "dependencies": {"left-pad": "1"}}',
    "app/node_modules/left-pad/package.json": '{"name": "left-pad", "version": "1.3.0", "license": "WTFPL",'
    ' "author": {"name": "azer", "email": "azer@example.org"}, "homepage": "https://left.example/pad"}',
    "app/node_modules/left-pad/index.js": "",
    "app/node_modules/@babel/core/package.json": '{"name": "@babel/core", "version": "7.0.0", "license": "MIT"}',
    "var/lib/gems/specifications/rack-3.0.0.gemspec": 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n'
    '  s.version = "3.0.0"\n  s.authors = ["Leah Neukirchen".freeze]\n  s.licenses = ["MIT".freeze]\n'
    '  s.homepage = "https://github.com/rack/rack".freeze\n  s.summary = "A webserver interface".freeze\nend\n',
    "var/lib/gems/gems/rack-3.0.0/lib/rack.rb": "",
    "app/lib/widget-1.2.jar": jar(
        {
            "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
            "META-INF/maven/org.example/widget/pom.properties": "groupId=org.example\nartifactId=widget\nversion=1.2\n",
            "BOOT-INF/lib/inner-2.0.jar": jar(
                {
                    "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n",
                    "META-INF/maven/org.inner/inner/pom.properties": "groupId=org.inner\nartifactId=inner\nversion=2.0\n",
                }
            ),
        }
    ),
}

ODD = {
    "etc/os-release": "ID=debian\nVERSION_ID='12'\n",
    "var/lib/dpkg/status": "Package: libodd++1.0-dev\nStatus: install ok installed\nVersion: 2:1.0~rc1+b\n"
    'Architecture: amd64\nSource: odd (1:1.0~rc1 b)\nMaintainer: "A (of B) C" <no mail>\n'
    "Homepage: javascript:alert(1)\nDescription: “odd” \\ \x07\n\n"
    "Package: nobody\nStatus: install ok installed\nVersion:\nArchitecture: all\nMaintainer: <>\n",
    "usr/share/doc/libodd++1.0-dev/copyright": "Format: dep5\n\nFiles: *\nLicense: Über-Lizenz (v1) or x, and a_b\n",
    "o/x.dist-info/METADATA": "Name: Zope.Odd_Näme\nVersion: 1!2.0+local\nLicense: a\n b\nAuthor: ".encode() + b"\xff\n",
    "o/node_modules/@sc pe/n%m?e#x/package.json": '{"name": "@sc pe/n%m?e#x", "version": "1.0.0 \\ud800"}',
    "o/node_modules/empty/package.json": '{"name": " ", "version": ""}',
    "o/specifications/odd gem-1.gemspec": "s.licenses = ['MIT', 'GPL-2', '']\ns.homepage = 'http://x y'\n",
    "o/@odd name%-1.0.jar": jar({"META-INF/MANIFEST.MF": "Implementation-Vendor: \x00\nBundle-License: ,;\n"}),
    "o/\udcff\n\t.txt": "x",
    "o/\\\"'": "y",
}  # fmt: skip
