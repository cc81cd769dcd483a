#!/usr/bin/env node
import { makeApp } from "../lib/app";

makeApp().app.synth();
