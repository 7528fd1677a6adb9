"""Small services to read and to run; `make example NAME=greeter` starts one."""
