// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ProbeHolder} from "./ProbeHolder.sol";
import {Finding, IPair, ITickPool, IWrappedNative, ProbeHop, Trial} from "./ProbeTypes.sol";

/// @title Buys a token, moves it and sells it again, and tells what arrived at each step
/// @notice Never deployed. A node runs this code at an unused address that it lends ether to (state overrides of
///         `eth_call`). Each trial runs in a frame that always reverts, so none sees what another did.
/// @dev What it cannot see: a token that knows that it is being tried and behaves, one that turns later, and one that
///      refuses only the second trade of a block is refused here though the next block would do.
contract TokenProbe {
    /// One inside the ends of the price range: no limit but the pool's own.
    uint160 private constant LOWEST = 4295128740;
    uint160 private constant HIGHEST = 1461446703485210103287273052203988822378723970341;
    /// Gas of one step: a swap of a token with its own logic takes 300,000 to 500,000.
    uint256 private constant STEP_GAS = 1_500_000;
    /// Gas of one trial: its four steps, two holders, and the answer.
    uint256 private constant TRIAL_GAS = 7_000_000;
    /// Bytes of an answer or a refusal that are looked at.
    uint256 private constant TOLD_MAX = 640;
    uint256 private constant REASON_MAX = 256;
    /// Payments with which a V3 pool is made whole when the token keeps a part of each.
    uint256 private constant TOP_UPS = 8;
    uint256 private constant PIPS = 1_000_000;

    /// @dev Carries a finding out of a frame that leaves nothing behind
    error Told(Finding finding);
    /// @dev Called by somebody else than this contract
    error NotForOthers();
    /// @dev The token answered false
    error AnsweredFalse();
    /// @dev A swap brought nothing
    error NothingPaid();

    /// What the sale under way sent, and what of it the pool got.
    uint256 private transient _sent;
    uint256 private transient _arrived;

    modifier onlySelf() {
        require(msg.sender == address(this), NotForOthers());
        _;
    }

    /// @notice Tries as many of `trials` as gas allows, in order: fewer findings than trials means to ask again
    function probe(Trial[] calldata trials) external returns (Finding[] memory findings) {
        findings = new Finding[](trials.length);
        uint256 done = 0;
        // A 64th stays with the caller, and what was answered already must be encoded.
        while (done < trials.length && gasleft() > TRIAL_GAS + TRIAL_GAS / 32 + done * 10_000) {
            (, bytes memory told) = _try(TRIAL_GAS, abi.encodeCall(this.run, (trials[done])));
            findings[done++] = _read(told);
        }
        assembly ("memory-safe") {
            mstore(findings, done)
        }
    }

    /// @notice One trial: buy, transfer, transfer on, sell. Always reverts, with its finding
    function run(Trial calldata trial) external onlySelf {
        Finding memory found;
        ProbeHop calldata last = trial.hops[trial.hops.length - 1];
        address token = last.tokenOut;
        ProbeHolder owner = new ProbeHolder();
        ProbeHolder fresh = new ProbeHolder();
        bytes memory step = abi.encodeCall(this.buy, (trial, address(owner)));
        (found.bought, found.boughtArrived, ) = _step(found, 1, step);
        if (found.refused == 0 && found.boughtArrived > 0) {
            uint256 part = _balance(token, address(owner)) / 2;
            step = abi.encodeCall(this.move, (owner, token, address(fresh), part));
            (found.moved, found.movedArrived, ) = _step(found, 2, step);
            part = _balance(token, address(fresh));
            if (found.refused == 0 && part > 0) {
                step = abi.encodeCall(this.move, (fresh, token, address(owner), part));
                (found.onward, found.onwardArrived, ) = _step(found, 4, step);
            }
            (found.sold, found.soldArrived, found.proceeds) = _step(found, 8, abi.encodeCall(this.sell, (last, owner)));
        }
        revert Told(found);
    }

    /// @notice Wraps ether and buys along the trial's path, for `to`; gives what the last pool sent and what arrived
    function buy(Trial calldata trial, address to) external onlySelf returns (uint256, uint256, uint256) {
        IWrappedNative(trial.hops[0].tokenIn).deposit{value: trial.amountIn}();
        uint256 amount = trial.amountIn;
        uint256 sent = 0;
        for (uint256 i = 0; i < trial.hops.length; i++) {
            ProbeHop memory hop = trial.hops[i];
            address receiver = i + 1 == trial.hops.length ? to : address(this);
            uint256 before = _balance(hop.tokenOut, receiver);
            sent = hop.isV3 ? _swapV3(hop, address(0), amount, receiver) : _swapV2(hop, address(0), amount, receiver);
            amount = _gain(before, _balance(hop.tokenOut, receiver));
        }
        return (sent, amount, 0);
    }

    /// @notice Transfers; gives what left `from` and what arrived
    function move(
        ProbeHolder from,
        address token,
        address to,
        uint256 amount
    ) external onlySelf returns (uint256 left, uint256 arrived, uint256) {
        uint256 heldBefore = _balance(token, address(from));
        uint256 before = _balance(token, to);
        from.act(token, abi.encodeCall(IERC20.transfer, (to, amount)));
        left = _gain(_balance(token, address(from)), heldBefore);
        return (left > amount ? left : amount, _gain(before, _balance(token, to)), 0);
    }

    /// @notice Sells what `owner` holds back into the pool that paid it, pulled by allowance as a settlement does
    function sell(
        ProbeHop calldata bought,
        ProbeHolder owner
    ) external onlySelf returns (uint256 sent, uint256 arrived, uint256 proceeds) {
        ProbeHop memory hop = ProbeHop(bought.pool, bought.tokenOut, bought.tokenIn, bought.feePips, bought.isV3);
        uint256 held = _balance(hop.tokenIn, address(owner));
        owner.act(hop.tokenIn, abi.encodeCall(IERC20.approve, (address(this), held)));
        uint256 before = _balance(hop.tokenOut, address(this));
        // A V3 pool asks for exactly what it takes: the other half makes up for what the token keeps on the way.
        if (hop.isV3) _swapV3(hop, address(owner), held / 2, address(this));
        else _swapV2(hop, address(owner), held, address(this));
        proceeds = _gain(before, _balance(hop.tokenOut, address(this)));
        require(proceeds > 0, NothingPaid());
        return (_sent, _arrived, proceeds);
    }

    /// @notice A V3 pool asks to be paid
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        _payPool(uint256(amount0 > 0 ? amount0 : amount1), data);
    }

    /// @notice The same by PancakeSwap's name
    function pancakeV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        _payPool(uint256(amount0 > 0 ? amount0 : amount1), data);
    }

    /// @dev The fee is that of the first payment; further ones make the pool whole where the token keeps a part of each.
    function _payPool(uint256 asked, bytes calldata data) private {
        (ProbeHop memory hop, address payer) = abi.decode(data, (ProbeHop, address));
        uint256 arrived = _pay(hop, payer, asked);
        (_sent, _arrived) = (asked, arrived);
        for (uint256 i = 0; i < TOP_UPS && arrived > 0 && arrived < asked; i++) {
            arrived += _pay(hop, payer, ((asked - arrived) * asked) / arrived + 1);
        }
    }

    /// @dev Gives what the pool says it paid.
    function _swapV3(ProbeHop memory hop, address payer, uint256 amount, address to) private returns (uint256) {
        bool isZeroForOne = hop.tokenIn < hop.tokenOut;
        (int256 delta0, int256 delta1) = ITickPool(hop.pool).swap(
            to,
            isZeroForOne,
            int256(amount),
            isZeroForOne ? LOWEST : HIGHEST,
            abi.encode(hop, payer)
        );
        int256 delta = isZeroForOne ? delta1 : delta0;
        require(delta < 0, NothingPaid());
        return uint256(-delta);
    }

    /// @dev Pays first, then asks for all that the pair gives for what it got. What arrived is counted beyond the pair's
    /// reserves: tokens that sell what they hold themselves whenever somebody sells do so while they are being moved.
    function _swapV2(ProbeHop memory hop, address payer, uint256 amount, address to) private returns (uint256 out) {
        (, , uint256 surplus) = _stateV2(hop);
        _pay(hop, payer, amount);
        (uint256 reserveIn, uint256 reserveOut, uint256 credited) = _stateV2(hop);
        (_sent, _arrived) = (amount, _gain(surplus, credited));
        credited *= PIPS - hop.feePips;
        out = (credited * reserveOut) / (reserveIn * PIPS + credited);
        require(out > 0, NothingPaid());
        bool isZeroForOne = hop.tokenIn < hop.tokenOut;
        (uint256 out0, uint256 out1) = isZeroForOne ? (uint256(0), out) : (out, uint256(0));
        IPair(hop.pool).swap(out0, out1, to, "");
    }

    /// @dev Reserves, and what the pair holds beyond them of the token that is paid in.
    function _stateV2(
        ProbeHop memory hop
    ) private view returns (uint256 reserveIn, uint256 reserveOut, uint256 surplus) {
        (reserveIn, reserveOut, ) = IPair(hop.pool).getReserves();
        if (hop.tokenIn > hop.tokenOut) (reserveIn, reserveOut) = (reserveOut, reserveIn);
        surplus = _gain(reserveIn, _balance(hop.tokenIn, hop.pool));
    }

    /// @dev Pays the pool from here, or from `payer` by its allowance; gives what arrived.
    function _pay(ProbeHop memory hop, address payer, uint256 amount) private returns (uint256) {
        uint256 before = _balance(hop.tokenIn, hop.pool);
        bytes memory data =
            payer == address(0)
                ? abi.encodeCall(IERC20.transfer, (hop.pool, amount))
                : abi.encodeCall(IERC20.transferFrom, (payer, hop.pool, amount));
        (bool isDone, bytes memory answer) = hop.tokenIn.call(data);
        if (!isDone) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        require(answer.length < 32 || abi.decode(answer, (uint256)) != 0, AnsweredFalse());
        return _gain(before, _balance(hop.tokenIn, hop.pool));
    }

    function _balance(address token, address holder) private view returns (uint256) {
        return IERC20(token).balanceOf(holder);
    }

    /// @dev A balance that fell gained nothing.
    function _gain(uint256 before, uint256 afterwards) private pure returns (uint256) {
        return afterwards > before ? afterwards - before : 0;
    }

    /// @dev One step in a frame of its own; a refusal sets its bit, and the first one's words are kept.
    function _step(
        Finding memory found,
        uint256 bit,
        bytes memory data
    ) private returns (uint256 sent, uint256 arrived, uint256 proceeds) {
        (bool isDone, bytes memory told) = _try(STEP_GAS, data);
        if (isDone) return abi.decode(told, (uint256, uint256, uint256));
        if (found.refused == 0) found.reason = _cut(told);
        found.refused |= bit;
    }

    /// @dev Calls this contract. Copies a bounded part of the answer: a token chooses how much it says.
    function _try(uint256 gasMost, bytes memory data) private returns (bool isDone, bytes memory told) {
        told = new bytes(TOLD_MAX + REASON_MAX);
        assembly ("memory-safe") {
            isDone := call(gasMost, address(), 0, add(data, 32), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, mload(told)) {
                size := mload(told)
            }
            returndatacopy(add(told, 32), 0, size)
            mstore(told, size)
        }
    }

    function _cut(bytes memory told) private pure returns (bytes memory) {
        assembly ("memory-safe") {
            if gt(mload(told), REASON_MAX) {
                mstore(told, REASON_MAX)
            }
        }
        return told;
    }

    /// @dev A trial that did not tell ran out of gas.
    function _read(bytes memory told) private pure returns (Finding memory found) {
        if (told.length < 4 || bytes4(told) != Told.selector) {
            found.refused = 16;
            found.reason = _cut(told);
            return found;
        }
        uint256 length = told.length - 4;
        assembly ("memory-safe") {
            told := add(told, 4)
            mstore(told, length)
        }
        return abi.decode(told, (Finding));
    }
}
