cd dir; ln -s c.txt rel; ln -s /etc/passwd abs; ln -s nowhere dangling; ln -s deep todir; ln -s ../../../../etc/group out
