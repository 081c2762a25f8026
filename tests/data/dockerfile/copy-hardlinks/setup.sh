ln a.txt hard.txt; ln a.txt dir/hard.txt
