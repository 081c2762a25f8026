ln -s a.txt l
