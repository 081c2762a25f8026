ln -s c.txt dir/l
