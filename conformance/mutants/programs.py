"""Which claims of the tutorials and notebooks say again what a mutant of another module changes."""

from __future__ import annotations

ALSO = """
Tensor.grad:words | tut.poly.assigning-float-to-grad.errors
Tensor.numpy:words | tut.introyt.numpy-of-requires-grad.errors
Tensor.requires_grad_:words | tut.leaf.summary.requires-grad-false-on-non-leaf.errors
Tensor.retain_grad:words | tut.leaf.retain-grad-without-requires-grad.errors
autograd.forward_ad.make_dual:words | tut.fwad.make-dual-outside-level.errors tut.fwad.tangent-size-mismatch.errors
autograd.gradcheck:check_forward_ad | tut.fwad.gradcheck-default-backward-only tut.fwad.custom-function-jvp-only
assignments_to_slices_are_not_recorded | seed004.in75.y-becomes-requiring-grad seed004.in75.index-assignment-copyslices
averages_are_the_events | tut.introyt.profiler-key-averages
backward_frees_what_it_should_keep | seed003.text.graph-cleared-after-backward
backward_is_handed_reversed_gradients | seed002.text.backward-arity
backward_keeps_the_graph | seed003.text.graph-cleared-after-backward
data_is_a_copy | seed000.in11.data-change-does-not-affect-backward seed000.in11.data-is-tensor-outside-graph
data_requires_grad | seed000.in11.data-is-tensor-outside-graph
detach_is_a_copy | tut.introyt.detach-copy-claim
detach_of_a_result_keeps_its_history | tut.blitz.detach-stops-tracking tut.basics.no-grad-and-detach-equivalent-effect
    seed000.in2.detach-and-no-grad-stop-tracking
enable_grad_does_nothing | tut.introyt.enable-grad-inside-no-grad
factories_ignore_requires_grad | tut.introyt.linspace-accepts-requires-grad seed000.in3.leaf-has-no-grad-fn
    seed002.in2.random-leaves-print-requires-grad seed004.in2.ones-requires-grad tut.leaf.requires-grad-propagates
forward_runs_with_grad_mode_on | tut.double.sinh-bad-has-no-graph
functions_cut_the_graph | tut.poly.comment-save-for-backward-arbitrary-objects tut.customop.register-autograd
    seed002.in27.mulconstant-forward
functions_return_tuples | seed002.in25.import-function seed002.in27.staticmethod-required
    seed002.text.function-init-optional
func.jvp:words | tut.fwad.func-jvp-needs-tangent-for-every-primal
grad_allows_unused | nondiff.vector-norm-zero-order.undefined-gradient
grad_begins_with_zeros | tut.leaf.grad-none-before-backward seed003.in2.grad-none-before-backward
grad_fn_is_hidden | tut.blitz.repr-shows-grad-fn tut.basics.grad-fn-names tut.introyt.next-functions-walk
    tut.introyt.no-grad-context-and-after seed000.in2.tensor-and-function-form-acyclic-graph
    seed000.in3.add-result-grad-fn seed000.in7.* seed000.in9.no-grad-branch-flags seed001.text.grad-fn-absent-for-user-tensors
    seed001.block3.data-norm-not-tracked seed002.in3.sum-grad-fn seed002.innone-c.grad-fn-repr
    seed002.innone-d.dir-of-grad-fn seed002.in8.next-functions-of-sum-of-powers seed002.text.next-functions-type
    seed002.in11.constant-operand-is-none-edge seed002.text.none-edge-because-leaf seed002.in13.comment-xg-is-x-grad-fn
    seed002.in21.path-to-accumulate-grad seed002.text.accumulate-grad-terminates-with-none
    seed002.in22.variable-attribute-is-leaf seed002.in23.variable-id-equal seed002.summary.next-functions-name
    seed002.text.variable-attributes-on-tensor seed004.in3.add-grad-fn seed004.in6.requires-grad-underscore
    seed004.in75.index-assignment-copyslices
grad_mode_reads_on | tut.double.forward-in-no-grad-backward-grad-by-create-graph
grad_reads_a_copy | seed004.in154.grad-copied-into-jacobian-row
gradcheck_accepts_everything | tut.customop.opcheck-does-not-check-gradient-values seed002.in30.mulconstant-wrong-backward
gradcheck_refuses_everything | tut.double.cube-with-cubebackward-function tut.convbn.conv2d-backward-formula
    tut.convbn.batchnorm-single-argument-gradcheck tut.poly.legendre3-custom-function seed002.in30.mulconstant-correct-backward
is_leaf_is_wrong_for_constants | tut.leaf.is-leaf-definition seed002.text.leaf-means-created-not-computed
is_leaf_is_wrong_for_results | tut.leaf.is-leaf-definition seed002.innone-b.is-leaf
leaves_have_a_grad_fn | seed000.in3.leaf-has-no-grad-fn
leaves_are_no_roots | seed001.text.backward-called-on-x
make_dual_casts_the_tangent | tut.fwad.mixed-dtype-tangent
make_dual_copies_the_primal | tut.fwad.dual-is-view-of-primal
make_dual_copies_the_tangent | tut.fwad.tangent-preserved-if-same-layout
missing_tangents_are_zeros | tut.fwad.unpack-namedtuple tut.fwad.tangent-destroyed-on-exit
no_grad_does_not_decorate | tut.introyt.no-grad-decorator
no_grad_records | tut.blitz.no-grad-block-result tut.basics.no-grad-and-detach-equivalent-effect
    tut.introyt.no-grad-context-and-after seed000.in2.detach-and-no-grad-stop-tracking seed000.in9.no-grad-branch-flags
    seed001.text.requires-grad-default-false seed002.in7.no-grad-result seed002.text.no-grad-saves-memory
    seed004.in155.no-grad-flags seed004.text.three-ways-to-change-requires-grad
nodes_show_copies | tut.savedhooks.mul-saves-both-operands tut.savedhooks.exp-saved-result-not-same-object
none_does_not_reset_grad | tut.basics.zeroing-keeps-tensor-none-drops-it
parameters_do_not_require_grad | tut.introyt.module-weights-require-grad-by-default tut.gentle.finetune-frozen-model
    module.parameter-registered-and-requires-grad
post_accumulate_hooks_see_the_gradient | tut.optstep.hook-receives-parameter
products_retain_their_gradient | tut.basics.grad-only-for-leaves-with-flag seed003.text.non-leaf-gradient-cleared
products_of_constants_are_recorded | seed000.in2.requires-grad-tracks-operations
requires_grad_can_not_be_assigned_off | tut.introyt.flip-requires-grad-attribute tut.introyt.backward-after-flag-turned-off
requires_grad_can_not_be_switched_off | tut.leaf.summary.requires-grad-on-leaf-toggles
requires_grad_in_place_makes_another_tensor | tut.blitz.requires-grad-underscore-in-place-default-true
    seed003.in66.comment-y-has-requires-grad seed004.in6.requires-grad-underscore
sums_go_by_their_first_operand | tut.gentle.exclusion-from-dag
retain_grad_does_nothing | seed004.in8.comment-no-required seed002.text.intermediate-gradients-stored
    tut.leaf.retains-grad-attribute
roots_with_dimensions_need_a_gradient | tut.blitz.one-element-tensor-counts-as-scalar
saved_tensors_hooks_do_nothing | tut.savedhooks.pack-called-per-operand-order
    tut.savedhooks.deleting-file-in-unpack-breaks-second-access tut.savedhooks.module-example-torch-save-undefined-name
tangents_are_doubled | tut.fwad.plain-tensor-has-zero-tangent tut.fwad.custom-function-jvp-only
variables_are_copies | seed002.text.variable-merged-into-tensor
zero_grad_does_nothing | tut.introyt.zero-grad-prints-tensor
"""
"""Mutants by their names, with globs over the ids of claims. An indented line goes on."""
