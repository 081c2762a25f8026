echo hello | gzip -n > note.gz
