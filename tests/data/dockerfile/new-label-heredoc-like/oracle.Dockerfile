FROM busy:1
LABEL a="<<EOF"
