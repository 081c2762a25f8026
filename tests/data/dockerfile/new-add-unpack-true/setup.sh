tar --mtime=@1 --owner=0 --group=0 -cf a.tar a.txt dir
