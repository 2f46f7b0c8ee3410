#!/bin/sh
# Trains, exports and checks the embedded model: make.sh TRAINING_PHOTOS TEST_PHOTOS
set -eu
cd "$(dirname "$0")"
# Freed buffers stay with the process instead of being mapped and cleared anew at every step.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=4294967296
/usr/bin/python3 train.py "$1"
/usr/bin/python3 export.py "$2"
