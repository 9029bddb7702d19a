// Trusted Types: this page turns no text into HTML (the server's policy demands it), with one exception: the slider of
// vendor/img-comparison-slider makes its own parts from this text, exactly.

const SLIDER = '<div class="second" id="second"> <slot name="second"><slot name="before"></slot></slot> </div> <div class="first" id="first"> <div'
  + ' class="first-overlay"> <div class="first-overlay-container" id="firstImageContainer"> <slot name="first"><slot name="after"></slo'
  + 't></slot> </div> </div> <div class="handle-container"> <div class="divider"></div> <div class="handle" id="handle"> <slot name="ha'
  + 'ndle"> <svg xmlns="http://www.w3.org/2000/svg" class="default-handle" viewBox="-8 -3 16 6"> <path d="M -5 -2 L -7 0 L -5 2 M 5 -2 '
  + 'L 7 0 L 5 2" fill="none" vector-effect="non-scaling-stroke"/> </svg> </slot> </div> </div> </div> ';

globalThis.trustedTypes?.createPolicy("default", { createHTML: (text) => (text === SLIDER ? text : null) });
