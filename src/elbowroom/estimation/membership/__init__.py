"""The set-membership filter of the elbow: model, filter, training, calibration."""
