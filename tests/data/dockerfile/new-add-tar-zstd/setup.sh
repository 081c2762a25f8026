tar --mtime=@1 --owner=0 --group=0 -cf a.tar dir; $PYTHON -c "import zstandard; open('a.tar.zst','wb').write(zstandard.ZstdCompressor().compress(open('a.tar','rb').read()))" && rm a.tar
